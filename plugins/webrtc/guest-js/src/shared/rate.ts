/** How a video encoder spends the bits it may: pure arithmetic. */
import type { Limitation, VideoSettings } from './messages';

/** What a sender without `maxBitrate` sends at most, bits a second. Chromium's limit for 720p. */
export const DEFAULT_MAX_BITRATE = 2_500_000;
/** Below this nobody recognises anything. */
export const MIN_BITRATE = 50_000;
/** Bits a second and pixel at 30 fps that VP8 in real time needs to look well: 600 kbit/s at 720p. */
const BITS_PER_PIXEL = 0.65;
/** How much more than needed must be there before a picture grows again. */
const GROW_MARGIN = 1.4;
/** Share of the estimate that media may fill; the rest is headers and retransmissions. */
const MEDIA_SHARE = 0.9;
/** Scales that are tried, in order. */
const SCALES = [1, 4 / 3, 2, 8 / 3, 4] as const;
/** How often something can be given up: each time the next of the scales, or as often fewer frames. */
export const MAX_STEPS = SCALES.length - 1;
/** Fewest frames a second that are given up for sharpness. */
const MIN_FRAMERATE = 5;
/** Share of the frames that is left each time when a processor is short of time (libwebrtc's). */
const FEWER = 2 / 3;
/** Pixels below which a smaller picture does not help a processor that is short of time (libwebrtc's). */
const MIN_PIXELS = 320 * 180;

/** What an encoder is told. */
export interface Plan {
  readonly bitrate: number;
  /** Divides width and height; the page's own `scaleResolutionDownBy` included. */
  readonly scale: number;
  /** What of `scale` the page did not ask for. */
  readonly reduction: number;
  readonly framerate: number;
  /** Where both limit it, it is bandwidth: that is likelier, and changes more often (as libwebrtc tells it). */
  readonly limitation: Limitation;
}

/** What one sender would like to have. */
export function wished(settings: VideoSettings): number {
  if (!settings.active) return 0;
  // What is sent of a disabled track is black.
  if (!settings.enabled) return MIN_BITRATE;
  return Math.max(MIN_BITRATE, settings.maxBitrate ?? DEFAULT_MAX_BITRATE);
}

/** Its part of the estimate, in proportion to what each wishes. */
export function share(estimate: number, own: number, all: number): number {
  if (all <= 0) return 0;
  return Math.max(MIN_BITRATE, Math.min(own, (estimate * MEDIA_SHARE * own) / all));
}

/**
 * `steps`: how often something is to be given up because the processor is short of time. `earlier` keeps the size from swinging:
 * it grows only when there is bitrate to spare.
 */
export function plan(
  settings: VideoSettings,
  budget: number,
  steps: number,
  width: number,
  height: number,
  earlier: Plan | null,
): Plan {
  const asked = Math.max(1, settings.scaleResolutionDownBy);
  const fastest = Math.min(settings.maxFramerate ?? 30, 60);
  const bitrate = Math.round(Math.min(wished(settings), budget));
  const needed = (scale: number) => (width * height * BITS_PER_PIXEL * fastest) / (scale ** 2 * 30);
  const bandwidthBound = bitrate < wished(settings);
  const limitation = (byBandwidth: boolean, byProcessor: boolean): Limitation =>
    bandwidthBound && byBandwidth ? 'bandwidth' : byProcessor ? 'cpu' : 'none';
  if (settings.degradationPreference === 'maintain-resolution') {
    const bounded = (rate: number) =>
      Math.max(Math.min(MIN_FRAMERATE, fastest), Math.min(fastest, Math.round(rate)));
    const sent = fastest > 0 ? bounded((fastest * bitrate) / needed(asked)) : 0;
    const encoded = bounded(fastest * FEWER ** steps);
    return {
      bitrate,
      scale: asked,
      reduction: 1,
      framerate: Math.min(sent, encoded),
      limitation: limitation(sent < fastest, encoded < fastest),
    };
  }
  const before = earlier?.reduction ?? 1;
  const sent =
    SCALES.find((scale) => {
      const margin = scale < before - 0.01 ? GROW_MARGIN : 1;
      return bitrate >= Math.min(needed(asked * scale) * margin, wished(settings));
    }) ?? 4;
  const large = (scale: number) => width * height >= MIN_PIXELS * (asked * scale) ** 2;
  const encoded = SCALES.findLast((scale, step) => step <= steps && large(scale)) ?? 1;
  const reduction = Math.max(sent, encoded);
  return {
    bitrate,
    scale: asked * reduction,
    reduction,
    framerate: fastest,
    limitation: limitation(sent > 1, encoded > 1),
  };
}

/** Even numbers, as 4:2:0 needs, and never nothing. */
export function scaled(length: number, scale: number): number {
  return Math.max(16, Math.round(length / scale / 2) * 2);
}
