/** Keeps the screen on during a call (W3C Screen Wake Lock); where it can't, nothing happens. */
export class ScreenLock {
  #wanted = false;
  #held: WakeLockSentinel | null = null;

  constructor(private readonly document: Document) {
    document.addEventListener('visibilitychange', () => {
      // The browser drops the lock of a hidden page.
      if (this.#wanted && document.visibilityState === 'visible') void this.#request();
    });
  }

  set(wanted: boolean): void {
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    if (wanted) {
      void this.#request();
    } else {
      this.#held?.release().catch(() => undefined);
      this.#held = null;
    }
  }

  async #request(): Promise<void> {
    const navigator = this.document.defaultView?.navigator;
    if (!navigator || !('wakeLock' in navigator)) return;
    try {
      const held = await navigator.wakeLock.request('screen');
      if (this.#wanted) this.#held = held;
      else await held.release();
    } catch {
      // Refused, for want of battery or of visibility.
    }
  }
}
