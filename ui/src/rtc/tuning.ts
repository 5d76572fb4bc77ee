/** How a LAN differs from the Internet, for which browsers are tuned. Figures: docs/performance.md. */

/** Where the bandwidth estimate starts, kbit/s. */
export const START_KILOBITS = 4_000;
/** More than this a 720p picture does not need; it also lets the estimate start high. */
export const MAX_VIDEO_BITS = 4_000_000;

/**
 * The first picture is this many times narrower and lower: it is encoded, sent and shown in well under
 * half the time of a whole one, whose key frame alone takes the pacer tens of milliseconds.
 */
export const FIRST_PICTURE_SCALE = 4;
/** How often it is looked whether the first picture has gone out, and for how long at most, in ms. */
const LOOK_EVERY_MS = 100;
const LOOK_FOR_MS = 30_000;
/** How long sound waits for it at most, in ms: a camera may give none. */
export const SOUND_WAITS_MS = 300;

/**
 * Has a video sender keep its resolution: on a LAN the estimate is too low for a moment only, and a
 * browser that shrank the picture takes long to grow it again. The first picture alone is small; see
 * {@link growVideo}.
 */
export async function tuneVideoSender(sender: RTCRtpSender): Promise<void> {
  await change(sender, (parameters, encoding) => {
    encoding.maxBitrate = MAX_VIDEO_BITS;
    encoding.scaleResolutionDownBy = FIRST_PICTURE_SCALE;
    parameters.degradationPreference = 'maintain-resolution';
  });
}

/**
 * Says whether a sender of sound is at work. Without a track it sends nothing either way; but one that is active has its
 * 50 kbit/s set aside, and when Chromium's path changes then, twice what is set aside is all that the estimate is probed
 * with. The first picture goes out at that rate: 1.5 s instead of 0.2 (measured; `probe_controller.cc`). So it is not
 * before there is sound, nor before a picture that comes with it has gone out.
 */
export async function setSoundActive(sender: RTCRtpSender, active: boolean): Promise<void> {
  await change(sender, (_, encoding) => {
    encoding.active = active;
  });
}

/** Has a video sender send whole pictures once the first, small one has gone out. */
export async function growVideo(sender: RTCRtpSender, isOver: () => boolean): Promise<void> {
  for (let waited = 0; waited < LOOK_FOR_MS && !isOver(); waited += LOOK_EVERY_MS) {
    if (await hasSentPictures(sender)) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  if (isOver()) return;
  await change(sender, (_, encoding) => {
    encoding.scaleResolutionDownBy = 1;
  });
}

async function hasSentPictures(sender: RTCRtpSender): Promise<boolean> {
  for (const stat of (await sender.getStats()).values() as Iterable<RTCOutboundRtpStreamStats>) {
    if (stat.type === 'outbound-rtp' && (stat.framesSent ?? 0) > 0) return true;
  }
  return false;
}

async function change(
  sender: RTCRtpSender,
  edit: (
    parameters: RTCRtpSendParameters & { degradationPreference?: string },
    encoding: RTCRtpEncodingParameters,
  ) => void,
): Promise<void> {
  try {
    const parameters = sender.getParameters() as RTCRtpSendParameters & {
      degradationPreference?: string;
    };
    const encoding = parameters.encodings[0];
    if (!encoding) return;
    edit(parameters, encoding);
    await sender.setParameters(parameters);
  } catch {
    // A browser that refuses one of them sends all the same.
  }
}
