/** A screen, a window or a tab that is shown to the other (W3C Screen Capture). */

/** Why nothing is shared. A person who picks nothing has changed their mind, which is no problem. */
export type ScreenProblem =
  /** The system keeps the screen from this browser or app. */
  | 'screen_denied'
  /** There is none to share, or what shows it is not installed. */
  | 'screen_missing'
  | 'screen_failed';

/** How sharing is. */
export interface ScreenState {
  readonly state:
    | 'off'
    /** The person is asked what to share. */
    | 'asking'
    | 'on';
  readonly problem: ScreenProblem | null;
}

/** What is asked of the browser. */
export type ScreenSource = Pick<MediaDevices, 'getDisplayMedia'>;

/**
 * Largest picture and highest rate, pixels and hertz: what two cores without a graphics card encode and
 * decode. Text of a larger screen stays readable at it.
 */
const LARGEST: MediaTrackConstraints = {
  width: { max: 1920 },
  height: { max: 1080 },
  frameRate: { max: 30 },
};

/** The screen that is shared; one at a time. */
export class ScreenCapture {
  #track: MediaStreamTrack | null = null;
  #problem: ScreenProblem | null = null;
  /** Counts requests; the answer to any but the last is thrown away. */
  #request = 0;
  #asking = false;

  constructor(
    /** Nothing where the browser can't: on phones, and in insecure contexts. */
    private readonly source: ScreenSource | undefined,
    private readonly changed: () => void,
  ) {}

  get state(): ScreenState {
    const state = this.#track ? 'on' : this.#asking ? 'asking' : 'off';
    return { state, problem: this.#problem };
  }

  get track(): MediaStreamTrack | null {
    return this.#track;
  }

  /** Asks the person what to share; to be called while a click or key is handled. */
  async start(): Promise<void> {
    if (!this.source || this.#track || this.#asking) return;
    this.#request += 1;
    const request = this.#request;
    this.#asking = true;
    this.#problem = null;
    this.changed();
    const answer = await ask(this.source);
    if (request !== this.#request) {
      if (typeof answer !== 'string') answer?.stop();
      return;
    }
    this.#asking = false;
    if (typeof answer === 'string') {
      this.#problem = answer;
    } else if (answer) {
      // Lines and letters matter more than motion: encoders keep them sharp.
      answer.contentHint = 'detail';
      // The browser's own "stop sharing", or the window is gone; our own stop() does not fire this.
      answer.onended = () => {
        this.stop();
      };
      this.#track = answer;
    }
    this.changed();
  }

  stop(): void {
    this.#request += 1;
    this.#asking = false;
    this.#problem = null;
    if (this.#track) {
      this.#track.onended = null;
      this.#track.stop();
      this.#track = null;
    }
    this.changed();
  }
}

async function ask(source: ScreenSource): Promise<MediaStreamTrack | ScreenProblem | null> {
  try {
    const stream = await source.getDisplayMedia({ video: LARGEST, audio: false });
    return stream.getVideoTracks()[0] ?? 'screen_failed';
  } catch (error) {
    return problemOf(error);
  }
}

/** What a rejection of getDisplayMedia means (Screen Capture, section 5.1). */
function problemOf(error: unknown): ScreenProblem | null {
  if (!(error instanceof Error)) return 'screen_failed';
  if (error.name === 'NotFoundError') return 'screen_missing';
  if (error.name !== 'NotAllowedError') return 'screen_failed';
  // A person who says no and a system that does have the same name; Chromium tells them apart in words.
  return /system/i.test(error.message) ? 'screen_denied' : null;
}
