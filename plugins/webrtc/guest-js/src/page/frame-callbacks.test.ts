import { beforeEach, expect, it, vi } from 'vitest';

import { callBackForFrames, type Platform } from './frame-callbacks';

/** Those that wait for the window's next frame. */
let frames: FrameRequestCallback[] = [];

/** An element as the webview has it, that counts what it shows and may call back. */
class Video extends EventTarget {
  total = 0;
  paused = false;
  videoWidth = 640;
  videoHeight = 360;
  currentTime = 7;
  /** The webview's own requests. */
  readonly own = new Map<number, VideoFrameRequestCallback>();
  #next = 100;

  getVideoPlaybackQuality() {
    return { totalVideoFrames: this.total };
  }
  requestVideoFrameCallback(callback: VideoFrameRequestCallback): number {
    if (typeof callback !== 'function') throw new TypeError('not a function');
    this.own.set(++this.#next, callback);
    return this.#next;
  }
  cancelVideoFrameCallback(handle: number): void {
    this.own.delete(handle);
  }
}

let video: Video;

/** Classes are made anew for each test, since their prototypes are changed. */
beforeEach(() => {
  frames = [];
  const HTMLVideoElement = class extends Video {};
  for (const name of ['requestVideoFrameCallback', 'cancelVideoFrameCallback'] as const) {
    const own = Object.getOwnPropertyDescriptor(Video.prototype, name);
    if (own) Object.defineProperty(HTMLVideoElement.prototype, name, own);
  }
  const platform = {
    HTMLVideoElement,
    requestAnimationFrame: (callback: FrameRequestCallback) => frames.push(callback),
  };
  callBackForFrames(platform as unknown as Platform);
  video = new HTMLVideoElement();
});

function frame(now: number): void {
  for (const callback of frames.splice(0)) callback(now);
}

it('calls back once a picture was shown, once', () => {
  const callback = vi.fn();
  video.total = 3;
  video.requestVideoFrameCallback(callback);
  frame(10);
  expect(callback).not.toHaveBeenCalled();
  video.total = 4;
  frame(20);
  expect(callback).toHaveBeenCalledExactlyOnceWith(
    20,
    expect.objectContaining({ width: 640, height: 360, mediaTime: 7, presentedFrames: 4 }),
  );
  expect(video.own.size).toBe(0);
  expect(frames).toHaveLength(0);
});

it('calls back for each picture that is asked for', () => {
  const seen: number[] = [];
  const again = (_: number, { presentedFrames }: VideoFrameCallbackMetadata) => {
    seen.push(presentedFrames);
    video.requestVideoFrameCallback(again);
  };
  video.requestVideoFrameCallback(again);
  for (const total of [1, 2, 2, 3]) {
    video.total = total;
    frame(total);
  }
  expect(seen).toEqual([1, 2, 3]);
});

it('lets the webview call back where it does', () => {
  const callback = vi.fn();
  video.requestVideoFrameCallback(callback);
  const metadata = { presentedFrames: 1 } as VideoFrameCallbackMetadata;
  for (const own of video.own.values()) own(5, metadata);
  video.total = 1;
  frame(10);
  expect(callback).toHaveBeenCalledExactlyOnceWith(5, metadata);
  expect(frames).toHaveLength(0);
});

it('does not call back what was cancelled, and other elements do not matter', () => {
  const [callback, other] = [vi.fn(), vi.fn()];
  const handle = video.requestVideoFrameCallback(callback);
  video.requestVideoFrameCallback(other);
  video.cancelVideoFrameCallback(handle);
  video.cancelVideoFrameCallback(4_711);
  video.total = 1;
  frame(10);
  expect(callback).not.toHaveBeenCalled();
  expect(other).toHaveBeenCalledOnce();
  expect(video.own.size).toBe(0);
});

it('does not look at an element that is paused until it may have begun', () => {
  const callback = vi.fn();
  video.paused = true;
  video.requestVideoFrameCallback(callback);
  expect(frames).toHaveLength(0);
  video.dispatchEvent(new Event('loadeddata'));
  video.total = 1;
  frame(10);
  expect(callback).toHaveBeenCalledOnce();
  video.requestVideoFrameCallback(callback);
  video.dispatchEvent(new Event('loadeddata'));
  video.dispatchEvent(new Event('playing'));
  expect(frames).toHaveLength(1);
  frame(20);
  expect(frames).toHaveLength(0);
  expect(callback).toHaveBeenCalledOnce();
});

it('goes on where an element has another player', () => {
  const callback = vi.fn();
  video.total = 50;
  video.requestVideoFrameCallback(callback);
  video.total = 0;
  frame(10);
  expect(callback).not.toHaveBeenCalled();
  video.total = 1;
  frame(20);
  expect(callback).toHaveBeenCalledOnce();
});

it('refuses what is not a function, as the webview does', () => {
  expect(() => video.requestVideoFrameCallback(null as never)).toThrow(TypeError);
});
