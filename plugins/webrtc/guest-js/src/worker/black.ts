/** A black picture. */

/** Both even. `timestamp` in microseconds. */
export function blackFrame(width: number, height: number, timestamp: number): VideoFrame {
  const pixels = new Uint8Array((width * height * 3) / 2);
  pixels.fill(16, 0, width * height);
  pixels.fill(128, width * height);
  return new VideoFrame(pixels, {
    format: 'I420',
    codedWidth: width,
    codedHeight: height,
    timestamp,
  });
}
