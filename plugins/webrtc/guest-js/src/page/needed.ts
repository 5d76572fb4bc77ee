/** When the page is told that it should negotiate (WebRTC 1.0, section 4.7.3). */

import { queueTask } from './tasks';

/** What it looks at. */
export interface NeededOwner {
  readonly closed: boolean;
  /** Whether nothing waits in the operations chain. */
  readonly idle: boolean;
  readonly stable: boolean;
  /** Whether the agreed state differs from what the page wants. */
  readonly needed: boolean;
  tell(): void;
}

export class NegotiationNeeded {
  #told = false;
  #later = false;

  constructor(private readonly owner: NeededOwner) {}

  /** Something has changed: the page is told once, when nothing else is under way. */
  update(): void {
    const { owner } = this;
    if (owner.closed) return;
    if (!owner.idle) {
      this.#later = true;
      return;
    }
    this.#later = false;
    if (!owner.stable) return;
    if (!owner.needed) {
      this.#told = false;
      return;
    }
    if (this.#told) return;
    this.#told = true;
    queueTask(() => {
      if (owner.closed || !this.#told) return;
      if (!owner.idle) {
        this.#told = false;
        this.#later = true;
        return;
      }
      if (!owner.stable) return;
      if (!owner.needed) {
        this.#told = false;
        return;
      }
      owner.tell();
    });
  }

  /** The operations chain is empty again. */
  handleIdle(): void {
    if (this.#later) this.update();
  }

  /** A negotiation has ended: what is still wanted is told anew. */
  handleStable(): void {
    this.#told = false;
    this.#later = true;
  }
}
