import type { Attachment } from 'svelte/attachments';

/** Shows a stream in a `video`, for which HTML has no attribute. */
export function showStream(stream: MediaStream): Attachment<HTMLVideoElement> {
  return (video) => {
    video.srcObject = stream;
    return () => {
      video.srcObject = null;
    };
  };
}
