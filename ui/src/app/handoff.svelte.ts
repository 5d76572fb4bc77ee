import type { Host } from '../host/host';
import type { Handoff } from './model';

/** Calls handed to the system's browser, because this webview has no WebRTC. The last one shows. */
export class Handoffs {
  #last: Handoff | null = $state.raw(null);

  constructor(private readonly host: Pick<Host, 'openInBrowser'>) {}

  get last(): Handoff | null {
    return this.#last;
  }

  /** Opens a path of this UI; `base` is the address of this device's own page. */
  open(path: string, base: string): void {
    const url = base.replace(/\/$/, '') + path;
    this.#last = { state: 'opening', url };
    this.host.openInBrowser(path).then(
      () => {
        this.#settle(url, 'opened');
      },
      () => {
        this.#settle(url, 'failed');
      },
    );
  }

  dismiss(): void {
    this.#last = null;
  }

  /** Unless it was dismissed, or another was opened, meanwhile. */
  #settle(url: string, state: 'opened' | 'failed'): void {
    if (this.#last?.url === url) this.#last = { state, url };
  }
}
