/** A double of a page that sleeps and wakes, on the test's time. */
import { vi } from 'vitest';

export class FakePage extends EventTarget {
  readonly document = new EventTarget();

  /** Time goes on, and timers don't. */
  sleep(milliseconds: number): void {
    vi.setSystemTime(Date.now() + milliseconds);
  }

  /** Its person looks at it again. */
  wake(): void {
    this.document.dispatchEvent(new Event('visibilitychange'));
  }
}
