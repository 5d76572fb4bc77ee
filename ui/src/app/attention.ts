/**
 * Calls for attention while a call rings in a browser: a notification (WHATWG Notifications) while nobody
 * looks at the page, and vibration (W3C Vibration) while somebody does, since a hidden page has none. The
 * app's window asks the desktop itself (`src-tauri/src/attention.rs`).
 */
import type { CallId } from '../protocol';

/** A call that rings here. */
export interface RingingCall {
  readonly id: CallId;
  readonly name: string;
  readonly video: boolean;
}

/** What a notification says, in the language of the page. */
export interface Wording {
  readonly title: string;
  readonly body: string;
}

/** Milliseconds of vibration and pause in turn: a round is as long as one of the ringing that is heard. */
const ROUND_MS = [400, 200, 400, 2_000];
/** All of them at once, since a pattern doesn't repeat itself: a call rings for 45 s. */
const PATTERN_MS = Array.from({ length: 15 }, () => ROUND_MS).flat();

/** The part of a window that is needed. */
type Scope = Window & typeof globalThis;

export class Attention {
  #call: RingingCall | null = null;
  #shown: Notification | null = null;
  #vibrates = false;
  #asked = false;

  constructor(
    private readonly scope: Scope,
    private readonly word: (call: RingingCall) => Wording,
  ) {
    scope.document.addEventListener('visibilitychange', () => {
      this.#follow();
    });
  }

  /**
   * Asks, once, whether notifications may be shown. To be called when a person calls or answers: only
   * while a click is handled does it do anything, as browsers want it.
   */
  ask(): void {
    if (this.#asked || activation(this.scope).isActive === false) return;
    this.#asked = true;
    if (!mayNotify(this.scope, 'default')) return;
    try {
      // Nothing is shown without permission. Chrome on Android throws here (it wants a service worker),
      // and need not bother anybody.
      new this.scope.Notification('');
      this.scope.Notification.requestPermission().catch(() => undefined);
    } catch {
      // It rings without.
    }
  }

  /** A call rings, or none does any more. */
  ring(call: RingingCall | null): void {
    if (call?.id === this.#call?.id) return;
    this.#call = call;
    this.#follow();
  }

  #follow(): void {
    this.#shown?.close();
    this.#shown = null;
    if (this.#vibrates) this.scope.navigator.vibrate(0);
    this.#vibrates = false;
    if (!this.#call) return;
    if (this.scope.document.hidden) this.#notify(this.#call);
    else this.#vibrate();
  }

  #notify(call: RingingCall): void {
    if (!mayNotify(this.scope, 'granted')) return;
    const { title, body } = this.word(call);
    try {
      const shown = new this.scope.Notification(title, {
        body,
        // Two tabs of one person show one.
        tag: call.id,
        requireInteraction: true,
      });
      shown.onclick = () => {
        this.scope.focus();
        shown.close();
      };
      this.#shown = shown;
    } catch {
      // Chrome on Android, permitted by hand.
    }
  }

  #vibrate(): void {
    const { navigator } = this.scope;
    // Chrome lets no page vibrate that was never touched, and complains of one that tries.
    if (!('vibrate' in navigator) || activation(this.scope).hasBeenActive === false) return;
    this.#vibrates = navigator.vibrate(PATTERN_MS);
  }
}

function mayNotify(scope: Scope, permission: NotificationPermission): boolean {
  return (
    scope.isSecureContext && 'Notification' in scope && scope.Notification.permission === permission
  );
}

/** Nothing in older browsers, though the DOM types say otherwise. */
function activation({ navigator }: Window): Partial<UserActivation> {
  return 'userActivation' in navigator ? navigator.userActivation : {};
}
