/** Has the codecs loaded before a call needs them. */
import { H264, VP8 } from '../shared/codecs';
import { blackFrame } from './black';

const SIZE = { width: 160, height: 90 } as const;

/**
 * Encodes a black picture and decodes it again. The first of each takes WebKit a tenth of a second, for it
 * looks for plugins and loads them; a connection is made while a call still rings, when that hurts nobody.
 */
export function warmUp(): void {
  // What a call is likely to use first.
  for (const codec of [H264, VP8]) warm(codec);
}

function warm(codec: string): void {
  const done = () => {
    if (encoder.state !== 'closed') encoder.close();
    if (decoder.state !== 'closed') decoder.close();
  };
  const decoder = new VideoDecoder({
    output: (frame) => {
      frame.close();
      done();
    },
    error: done,
  });
  const encoder = new VideoEncoder({
    output: (chunk, metadata) => {
      try {
        decoder.configure({ codec, ...metadata?.decoderConfig, optimizeForLatency: true });
        decoder.decode(chunk);
      } catch {
        done();
      }
    },
    error: done,
  });
  try {
    encoder.configure({ codec, ...SIZE, bitrate: 100_000, latencyMode: 'realtime' });
    const frame = blackFrame(SIZE.width, SIZE.height, 0);
    encoder.encode(frame, { keyFrame: true });
    frame.close();
  } catch {
    // Nothing is lost but the time it would have saved.
    done();
  }
}
