import type { Attachment } from 'svelte/attachments';

/**
 * Milliseconds after which an element that is gone gives its player up. It takes the page's thread tens of milliseconds,
 * and the preview of a call goes when the first pictures come (WebKitGTK, measured).
 */
const RELEASE = 500;

/** Shows a stream in a `video`, for which HTML has no attribute. */
export function showStream(stream: MediaStream): Attachment<HTMLVideoElement> {
  return (video) => {
    video.srcObject = stream;
    return () => {
      setTimeout(() => {
        if (!video.isConnected) video.srcObject = null;
      }, RELEASE);
    };
  };
}

/**
 * How one's own picture is transformed (CSS): mirrored, as everybody knows themselves, unless the camera looks away from
 * the person. Where the browser doesn't say which way it looks, it is one of a computer.
 */
export function mirror(stream: MediaStream): string {
  const facing = stream.getVideoTracks()[0]?.getSettings().facingMode;
  return facing === 'environment' ? 'none' : 'scaleX(-1)';
}

/** Milliseconds between two pictures that are drawn. */
const EVERY = 66;

/**
 * Draws a stream into a `canvas`, fifteen pictures a second, cropped to fill it.
 *
 * For a second stream beside a large one in WebKitGTK without a GPU. Each of its pictures has both painted anew, and
 * WebKit puts each through one converter for all, which it sets up anew whenever the other had it before: 218 times a
 * second with two elements, with a tenth of a core and, in an hour, 60 MB that do not come back (2.50, measured).
 */
export function drawStream(stream: MediaStream): Attachment<HTMLCanvasElement> {
  return (canvas) => {
    const video = document.createElement('video');
    video.muted = true;
    video.playsInline = true;
    video.srcObject = stream;
    video.play().catch(() => undefined);
    const context = canvas.getContext('2d');
    const timer = setInterval(() => {
      const width = Math.round(canvas.clientWidth * devicePixelRatio);
      const height = Math.round(canvas.clientHeight * devicePixelRatio);
      const { videoWidth, videoHeight } = video;
      if (!context || width * height * videoWidth * videoHeight === 0) return;
      if (canvas.width !== width) canvas.width = width;
      if (canvas.height !== height) canvas.height = height;
      const scale = Math.max(width / videoWidth, height / videoHeight);
      const [across, down] = [width / scale, height / scale];
      const [left, top] = [(videoWidth - across) / 2, (videoHeight - down) / 2];
      context.drawImage(video, left, top, across, down, 0, 0, width, height);
    }, EVERY);
    return () => {
      clearInterval(timer);
      video.srcObject = null;
    };
  };
}

/** What tells whose WebRTC there is; a test gives another. */
interface Scope {
  readonly RTCPeerConnection?: { readonly prototype: { readonly close: unknown } };
}

/** Whether WebRTC is a script's here: the webview has none of its own, as WebKitGTK (see `plugins/webrtc`). */
export function isScripted({ RTCPeerConnection }: Scope = globalThis): boolean {
  const close = RTCPeerConnection?.prototype.close;
  return typeof close === 'function' && !String(close).includes('[native code]');
}
