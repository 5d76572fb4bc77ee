// Takes the place of the camera in a page of Lanline, in every browser and webview the same way; the
// microphone is the host's. It gives pictures of 4:2:0 that are copied out of a texture, as it would look to
// a camera that is moved about, with the time of their making drawn in (see stamp.ts).
//
// `window.studio = { width, height }` says how large; `window.studio.camera` resolves when it can be used,
// once: each page has one call.
{
  /** In a worker of its own. */
  const camera = () => {
    const RATE = 30;
    /** Pixels that the camera moves about, a multiple of 8. */
    const ROAM = 64;

    /** Smooth hills of several sizes, and edges. */
    const texture = (width, height) => {
      const pixels = new Uint8Array(width * height);
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const far = Math.sin(x / 67) * Math.cos(y / 53) + Math.sin((x + 2 * y) / 171);
          const near = Math.sin(x / 9 + 3 * Math.sin(y / 23)) * Math.sin(y / 11);
          const edge = ((x >> 6) + (y >> 6)) % 3 === 0 ? 18 : 0;
          const grain = ((x * 7919 + y * 104729 + ((x * y) >> 3)) % 13) - 6;
          pixels[y * width + x] = 112 + 34 * far + 16 * near + edge + grain / 2;
        }
      }
      return pixels;
    };

    /** Copies what the camera sees of a texture. */
    const look = (from, stride, x, y, to, at, width, height) => {
      for (let row = 0; row < height; row++) {
        const start = (y + row) * stride + x;
        to.set(from.subarray(start, start + width), at + row * width);
      }
    };

    /** Draws the time in quarters of a millisecond, 16 bits and 8 to check them: black is 0. */
    const stamp = (luma, width, height) => {
      const time = Math.floor((performance.timeOrigin + performance.now()) * 4) % 65536;
      const check = (time * 37 + (time >> 8) * 11 + 90) % 256;
      const bits = time * 256 + check;
      const cell = width / 40;
      const left = 8 * cell;
      const top = Math.round((height - cell) / 2 / cell) * cell;
      for (let bit = 0; bit < 24; bit++) {
        const white = Math.floor(bits / 2 ** (23 - bit)) % 2 === 1;
        for (let row = 0; row < cell; row++) {
          const start = (top + row) * width + left + bit * cell;
          luma.fill(white ? 235 : 16, start, start + cell);
        }
      }
    };

    /** The textures are made at once, the pictures from when a page wants them. */
    onmessage = ({ data: { width, height } }) => {
      const stride = width + ROAM;
      const luma = texture(stride, height + ROAM);
      const colour = texture(stride / 2, (height + ROAM) / 2);
      const buffer = new Uint8Array((width * height * 3) / 2);
      let frames = 0;
      let over = false;
      let start = 0;
      let writer = null;
      const shoot = () => {
        if (over) return;
        const angle = frames / 20;
        const x = 2 * Math.round((ROAM / 4) * (1 + Math.cos(angle)));
        const y = 2 * Math.round((ROAM / 4) * (1 + Math.sin(angle * 1.3)));
        look(luma, stride, x, y, buffer, 0, width, height);
        for (const [plane, shift] of [
          [0, 0],
          [1, 4],
        ]) {
          const at = width * height + (plane * width * height) / 4;
          const [cx, cy] = [(x + shift) / 2, y / 2];
          look(colour, stride / 2, Math.min(cx, ROAM / 2), cy, buffer, at, width / 2, height / 2);
        }
        stamp(buffer, width, height);
        const init = { format: "I420", codedWidth: width, codedHeight: height };
        const timestamp = Math.round(performance.now() * 1000);
        const frame = new VideoFrame(buffer, { ...init, timestamp });
        writer.write(frame).catch(() => {
          over = true;
          frame.close();
        });
        frames = Math.max(frames + 1, Math.floor(((performance.now() - start) * RATE) / 1000));
        setTimeout(shoot, start + (frames * 1000) / RATE - performance.now());
      };
      onmessage = ({ data: { writable } }) => {
        let sink = writable;
        if (!sink) {
          const generator = new VideoTrackGenerator();
          postMessage({ track: generator.track }, [generator.track]);
          sink = generator.writable;
        }
        writer = sink.getWriter();
        start = performance.now();
        shoot();
      };
      postMessage({ ready: true });
    };
  };

  const open = async () => {
    const text = `(${camera.toString()})()`;
    const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
    const worker = new Worker(url);
    const ready = new Promise((resolve) => {
      worker.onmessage = resolve;
    });
    worker.postMessage(window.studio);
    await ready;
    return worker;
  };
  window.studio.camera = open();

  const pictures = async () => {
    const worker = await window.studio.camera;
    if (typeof MediaStreamTrackGenerator === "function") {
      const track = new MediaStreamTrackGenerator({ kind: "video" });
      worker.postMessage({ writable: track.writable }, [track.writable]);
      return track;
    }
    const made = new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data.track);
    });
    worker.postMessage({});
    return made;
  };

  const capture = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);

  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    const tracks = [];
    if (audio && window.studio.mute) throw new DOMException("none", "NotFoundError");
    if (audio) tracks.push(...(await capture({ audio })).getTracks());
    if (video) tracks.push(await pictures());
    return new MediaStream(tracks);
  };
}
