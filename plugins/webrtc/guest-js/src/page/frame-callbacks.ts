/**
 * `requestVideoFrameCallback` for elements that show a stream. Where it paints without a GPU WebKitGTK (2.50) takes the
 * request and never calls back, so a page that waits for the first picture would wait for ever. Elements count what they
 * have shown all the same; while a page waits for one that plays, the count is looked at with each frame of the window.
 */
import { wrap } from './wrap';

/** After them an element may have shown its first picture. */
const BEGINNINGS = ['loadeddata', 'playing'] as const;

/** The classes whose methods are replaced; a test gives others. */
export interface Platform {
  readonly HTMLVideoElement: { readonly prototype: HTMLVideoElement };
  requestAnimationFrame(callback: FrameRequestCallback): number;
}

/** What waits for an element's next picture. */
interface Waiting {
  readonly callback: VideoFrameRequestCallback;
  /** The webview's own number of the request: where it does call back it knows more. */
  readonly own: number;
}

class Element {
  readonly #waiting = new Map<number, Waiting>();
  #total = 0;
  #looking = false;

  constructor(
    private readonly element: HTMLVideoElement,
    private readonly cancelOwn: (handle: number) => void,
    private readonly nextFrame: (callback: FrameRequestCallback) => void,
  ) {}

  add(handle: number, waiting: Waiting): void {
    if (this.#waiting.size === 0) this.#total = this.#shown();
    this.#waiting.set(handle, waiting);
    this.#look();
  }

  remove(handle: number): void {
    const waiting = this.#waiting.get(handle);
    if (!waiting) return;
    this.#waiting.delete(handle);
    this.cancelOwn(waiting.own);
  }

  /** The webview itself called back. */
  called(handle: number): void {
    this.#waiting.delete(handle);
  }

  #shown(): number {
    return this.element.getVideoPlaybackQuality().totalVideoFrames;
  }

  #look(): void {
    if (this.#looking) return;
    this.#looking = true;
    if (!this.element.paused) {
      this.#lookSoon();
      return;
    }
    const begins = () => {
      for (const type of BEGINNINGS) this.element.removeEventListener(type, begins);
      this.#lookSoon();
    };
    for (const type of BEGINNINGS) this.element.addEventListener(type, begins);
  }

  #lookSoon(): void {
    this.nextFrame((now) => {
      this.#looking = false;
      const total = this.#shown();
      // Fewer: another player, for another stream.
      const shown = total !== this.#total && total > 0;
      this.#total = total;
      if (shown) this.#call(now);
      if (this.#waiting.size > 0) this.#look();
    });
  }

  #call(now: number): void {
    const { videoWidth, videoHeight, currentTime } = this.element;
    const metadata: VideoFrameCallbackMetadata = {
      presentationTime: now,
      expectedDisplayTime: now,
      width: videoWidth,
      height: videoHeight,
      mediaTime: currentTime,
      presentedFrames: this.#total,
    };
    // What a callback asks for is for the picture after.
    for (const [handle, { callback }] of [...this.#waiting]) {
      if (!this.#waiting.has(handle)) continue;
      this.remove(handle);
      try {
        callback(now, metadata);
      } catch (error) {
        reportError(error);
      }
    }
  }
}

/** Once, before the page's own scripts. */
export function callBackForFrames(platform: Platform): void {
  const prototype = platform.HTMLVideoElement.prototype;
  const elements = new WeakMap<HTMLVideoElement, Element>();
  let handles = 0;
  let cancelOwn: HTMLVideoElement['cancelVideoFrameCallback'];
  const of = (element: HTMLVideoElement): Element => {
    let known = elements.get(element);
    if (!known) {
      known = new Element(
        element,
        (handle) => {
          cancelOwn.call(element, handle);
        },
        (callback) => platform.requestAnimationFrame(callback),
      );
      elements.set(element, known);
    }
    return known;
  };
  wrap(prototype, 'cancelVideoFrameCallback', (original) => {
    cancelOwn = original;
    return function (this: HTMLVideoElement, handle) {
      of(this).remove(handle);
    };
  });
  wrap(prototype, 'requestVideoFrameCallback', (original) => {
    return function (this: HTMLVideoElement, callback) {
      // Refused, as the webview itself would.
      if (typeof callback !== 'function') return original.call(this, callback);
      handles += 1;
      const handle = handles;
      const own = original.call(this, (now, metadata) => {
        of(this).called(handle);
        callback(now, metadata);
      });
      of(this).add(handle, { callback, own });
      return handle;
    };
  });
}
