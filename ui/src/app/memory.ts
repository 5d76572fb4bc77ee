/** The little this UI remembers by itself: for a tab (the call it held), and for a browser. */
import type { CallId } from '../protocol';
import { isCallId } from './ids';

/** The part of `Storage` that is needed. */
export type TextStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** The call whose media this tab had, and what it sent, so that a reload goes on with it. */
export interface HeldCall {
  readonly call: CallId;
  readonly microphone: boolean;
  readonly camera: boolean;
}

/** What a browser remembers. */
export type Preference = 'guest-name' | 'microphone' | 'camera' | 'speaker';

const HELD = 'lanline.held';

/** Storage can be full or forbidden: then nothing is remembered, and nothing else fails. */
export class Memory {
  constructor(
    private readonly tab: TextStorage | null,
    private readonly browser: TextStorage | null,
  ) {}

  get held(): HeldCall | null {
    const text = read(this.tab, HELD);
    if (text === null) return null;
    try {
      const value: unknown = JSON.parse(text);
      return isHeldCall(value) ? value : null;
    } catch {
      return null;
    }
  }

  set held(held: HeldCall | null) {
    write(this.tab, HELD, held && JSON.stringify(held));
  }

  preference(which: Preference): string | null {
    return read(this.browser, `lanline.${which}`);
  }

  setPreference(which: Preference, value: string | null): void {
    write(this.browser, `lanline.${which}`, value);
  }
}

function isHeldCall(value: unknown): value is HeldCall {
  if (typeof value !== 'object' || value === null) return false;
  const { call, microphone, camera } = value as Partial<Record<keyof HeldCall, unknown>>;
  return (
    typeof call === 'string' &&
    isCallId(call) &&
    typeof microphone === 'boolean' &&
    typeof camera === 'boolean'
  );
}

function read(storage: TextStorage | null, key: string): string | null {
  try {
    return storage?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

function write(storage: TextStorage | null, key: string, value: string | null): void {
  try {
    if (value === null) storage?.removeItem(key);
    else storage?.setItem(key, value);
  } catch {
    // See the class.
  }
}
