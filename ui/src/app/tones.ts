/** Ringing, made of sine waves: no file to fetch, and the volume of the system. */

/** What is heard. */
export type Tone =
  /** Nothing. */
  | 'silence'
  /** Somebody calls. */
  | 'ring'
  /** The other's device rings. */
  | 'ringback';

interface Pattern {
  /** Notes of one round: start and length in seconds, pitch in hertz. */
  readonly notes: readonly {
    readonly at: number;
    readonly length: number;
    readonly pitch: number;
  }[];
  /** Length of a round in seconds. */
  readonly round: number;
  readonly volume: number;
}

const PATTERNS: Record<Exclude<Tone, 'silence'>, Pattern> = {
  ring: {
    notes: [
      { at: 0, length: 0.22, pitch: 659.3 },
      { at: 0.2, length: 0.22, pitch: 880 },
      { at: 0.4, length: 0.45, pitch: 1108.7 },
      { at: 1.0, length: 0.22, pitch: 880 },
      { at: 1.2, length: 0.45, pitch: 1108.7 },
    ],
    round: 3,
    volume: 0.2,
  },
  // 425 Hz, one second in five: the ringing tone of most of the world (ITU-T E.180).
  ringback: { notes: [{ at: 0, length: 1, pitch: 425 }], round: 5, volume: 0.06 },
};

/** Ramps of a note, so that it doesn't click. */
const RAMP_S = 0.02;

export class Tones {
  #tone: Tone = 'silence';
  #context: AudioContext | null = null;
  #timer: ReturnType<typeof setInterval> | null = null;

  /** Plays a tone until another is played. A browser that wants a click first stays silent. */
  play(tone: Tone): void {
    if (tone === this.#tone) return;
    this.#tone = tone;
    this.#stop();
    if (tone === 'silence' || typeof AudioContext === 'undefined') return;
    const pattern = PATTERNS[tone];
    try {
      const context = new AudioContext();
      this.#context = context;
      const round = () => {
        if (context.state === 'running') playRound(context, pattern);
      };
      // Settles when the browser lets sound out, which may be at the first click, or never.
      context.resume().then(round, () => undefined);
      this.#timer = setInterval(round, pattern.round * 1000);
    } catch {
      // No sound device.
    }
  }

  #stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    this.#context?.close().catch(() => undefined);
    this.#context = null;
  }
}

function playRound(context: AudioContext, pattern: Pattern): void {
  for (const { at, length, pitch } of pattern.notes) {
    const start = context.currentTime + at;
    const gain = context.createGain();
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(pattern.volume, start + RAMP_S);
    gain.gain.setValueAtTime(pattern.volume, start + length - RAMP_S);
    gain.gain.linearRampToValueAtTime(0, start + length);
    const oscillator = context.createOscillator();
    oscillator.frequency.value = pitch;
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(start);
    oscillator.stop(start + length);
  }
}
