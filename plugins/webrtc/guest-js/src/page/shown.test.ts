import { beforeEach, expect, it } from 'vitest';

import { guardShownStreams, type Platform } from './shown';

/** What the webview's own objects were asked for, in order. */
let log: string[] = [];
let listeners: Record<string, () => void> = {};
let platform: ReturnType<typeof fakePlatform>;

/** Classes as the webview has them, made anew for each test since their prototypes are wrapped. */
function fakePlatform() {
  class MediaStreamTrack {
    readyState = 'live';
    constructor(readonly name: string) {}
    stop(): void {
      this.readyState = 'ended';
      log.push(`stop ${this.name}`);
    }
  }
  class MediaStream {
    readonly #tracks: MediaStreamTrack[];
    constructor(tracks: MediaStreamTrack[] = []) {
      this.#tracks = tracks;
    }
    getTracks(): MediaStreamTrack[] {
      return [...this.#tracks];
    }
    addTrack(track: MediaStreamTrack): void {
      this.#tracks.push(track);
      log.push(`add ${track.name}`);
    }
    removeTrack(track: MediaStreamTrack): void {
      this.#tracks.splice(this.#tracks.indexOf(track), 1);
      log.push(`remove ${track.name}`);
    }
  }
  class HTMLMediaElement {
    #own: unknown = null;
    /** What the webview itself has. */
    given: MediaStream | null = null;
    paused = true;
    get srcObject(): unknown {
      return this.#own;
    }
    set srcObject(value: unknown) {
      this.#own = value;
      this.paused = true;
      this.given = value as MediaStream | null;
      log.push(value ? 'attach' : 'detach');
    }
    play(): Promise<void> {
      this.paused = false;
      log.push('play');
      return Promise.resolve();
    }
  }
  return { MediaStreamTrack, MediaStream, HTMLMediaElement };
}

beforeEach(() => {
  log = [];
  listeners = {};
  platform = fakePlatform();
  guardShownStreams(
    {
      ...platform,
      addEventListener: (type: string, listener: () => void) => {
        listeners[type] = listener;
      },
    } as unknown as Platform,
    (track) => (track as unknown as { name: string }).name === 'voice',
  );
});

function shows(...names: string[]) {
  const tracks = names.map((name) => new platform.MediaStreamTrack(name));
  const stream = new platform.MediaStream(tracks);
  const element = new platform.HTMLMediaElement();
  element.srcObject = stream;
  return { tracks, stream, element };
}

it('lets go of a stream before its last track ends, and the page sees no difference', async () => {
  const { element, stream, tracks } = shows('picture');
  tracks[0]?.stop();
  await Promise.resolve();
  expect(log).toEqual(['attach', 'detach', 'stop picture']);
  expect(element.srcObject).toBe(stream);
});

it('plays what is left of a stream', async () => {
  const { element, tracks } = shows('picture', 'sound');
  await element.play();
  tracks[0]?.stop();
  tracks[0]?.stop();
  await Promise.resolve();
  expect(log).toEqual([
    'attach',
    'play',
    'detach',
    'stop picture',
    'stop picture',
    'attach',
    'play',
  ]);
});

it('begins once with all the tracks that came in a task', async () => {
  const { element, stream } = shows();
  expect(log).toEqual(['detach']);
  await element.play();
  stream.addTrack(new platform.MediaStreamTrack('picture'));
  stream.addTrack(new platform.MediaStreamTrack('sound'));
  await Promise.resolve();
  expect(log).toEqual(['detach', 'play', 'add picture', 'add sound', 'attach', 'play']);
});

it('leaves elements alone that show something else', async () => {
  const { element } = shows('other');
  const { tracks } = shows('picture');
  element.srcObject = null;
  log = [];
  tracks[0]?.stop();
  expect(log).toEqual(['detach', 'stop picture']);
  expect(element.srcObject).toBeNull();
  await Promise.resolve();
  expect(log).toHaveLength(2);
});

it('shows nothing while the page is hidden for good or kept', async () => {
  const { stream } = shows('picture');
  listeners.pagehide?.();
  stream.addTrack(new platform.MediaStreamTrack('sound'));
  await Promise.resolve();
  expect(log).toEqual(['attach', 'detach', 'add sound']);
  listeners.pageshow?.();
  expect(log).toEqual(['attach', 'detach', 'add sound', 'attach']);
});

it('shows pictures without the sound that is heard elsewhere, and sound alone as it is', async () => {
  const { element, stream, tracks } = shows('picture', 'voice');
  expect(element.given?.getTracks()).toEqual(tracks.slice(0, 1));
  expect(element.srcObject).toBe(stream);
  tracks[0]?.stop();
  await Promise.resolve();
  expect(element.given).toBe(stream);
  const other = shows('picture', 'sound');
  expect(other.element.given).toBe(other.stream);
});
