import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { makeHeard, type SoundOf } from './heard';
import { tell } from './tracks';

/** How loud each track is played, by those who play it. */
let sounds: Map<string, Map<object, number>>;
/** Tracks that flow. */
let flowing: string[];
let platform: ReturnType<typeof fakePlatform>;

class Track extends EventTarget {
  readyState = 'live';
  enabled = true;
  constructor(readonly name: string) {
    super();
  }
}

/** Classes as the webview has them, made anew for each test since their prototypes are wrapped. */
function fakePlatform() {
  class MediaStream {
    constructor(readonly tracks: Track[] = []) {}
    getAudioTracks(): Track[] {
      return this.tracks.filter(({ name }) => name !== 'picture');
    }
    getVideoTracks(): Track[] {
      return this.tracks.filter(({ name }) => name === 'picture');
    }
    addTrack(track: Track): void {
      this.tracks.push(track);
    }
    removeTrack(track: Track): void {
      this.tracks.splice(this.tracks.indexOf(track), 1);
    }
  }
  class HTMLMediaElement extends EventTarget {
    #source: unknown = null;
    #muted = false;
    volume = 1;
    paused = true;
    get srcObject(): unknown {
      return this.#source;
    }
    set srcObject(value: unknown) {
      this.#source = value;
    }
    get muted(): boolean {
      return this.#muted;
    }
    set muted(value: boolean) {
      this.#muted = value;
    }
    /** As the webview itself sees it. */
    get silent(): boolean {
      return this.#muted;
    }
    plays(playing: boolean): void {
      this.paused = !playing;
      this.dispatchEvent(new Event(playing ? 'play' : 'pause'));
    }
  }
  return { MediaStream, HTMLMediaElement };
}

const soundOf: SoundOf = (track) => {
  const { name } = track as unknown as Track;
  if (!name.startsWith('remote')) return null;
  const volumes = sounds.get(name) ?? new Map<object, number>();
  sounds.set(name, volumes);
  return {
    hear: (listener, volume) => {
      if (volume === null) volumes.delete(listener);
      else volumes.set(listener, volume);
    },
    flow: () => {
      flowing.push(name);
      return () => {
        flowing = flowing.filter((other) => other !== name);
      };
    },
  };
};

function heard(): string[] {
  return [...sounds].flatMap(([name, volumes]) =>
    [...volumes.values()].map((volume) => `${name} ${volume}`),
  );
}

afterEach(() => {
  vi.useRealTimers();
});

beforeEach(() => {
  sounds = new Map();
  flowing = [];
  platform = fakePlatform();
  makeHeard(platform as unknown as Parameters<typeof makeHeard>[0], soundOf);
});

it('plays the sound of a remote stream while its element plays, as loud as that is', () => {
  const element = new platform.HTMLMediaElement();
  element.srcObject = new platform.MediaStream([new Track('remote')]);
  expect(heard()).toEqual([]);
  element.plays(true);
  expect(heard()).toEqual(['remote 1']);
  element.volume = 0.5;
  element.dispatchEvent(new Event('volumechange'));
  expect(heard()).toEqual(['remote 0.5']);
  element.plays(false);
  expect(heard()).toEqual([]);
  element.plays(true);
  element.srcObject = null;
  expect(heard()).toEqual([]);
});

it('keeps the element mute behind the back of the page, which can mute it as ever', async () => {
  const element = new platform.HTMLMediaElement();
  element.srcObject = new platform.MediaStream([new Track('remote')]);
  element.plays(true);
  expect([element.silent, element.muted]).toEqual([true, false]);
  let changes = 0;
  element.addEventListener('volumechange', () => (changes += 1));
  element.muted = true;
  await Promise.resolve();
  expect([element.muted, changes, heard()]).toEqual([true, 1, ['remote 0']]);
  element.muted = false;
  expect(heard()).toEqual(['remote 1']);
});

it('leaves sound alone that is not remote', () => {
  const element = new platform.HTMLMediaElement();
  element.srcObject = new platform.MediaStream([new Track('own')]);
  element.plays(true);
  element.muted = true;
  expect([element.silent, element.muted, sounds.size]).toEqual([true, true, 0]);
});

it('follows tracks that come, end, and are disabled', () => {
  const element = new platform.HTMLMediaElement();
  const stream = new platform.MediaStream();
  element.srcObject = stream;
  element.plays(true);
  const [one, two] = [new Track('remote one'), new Track('remote two')];
  stream.addTrack(one);
  stream.addTrack(two);
  expect(heard()).toEqual(['remote one 1', 'remote two 1']);
  one.enabled = false;
  tell(one as unknown as MediaStreamTrack);
  expect(heard()).toEqual(['remote two 1']);
  two.readyState = 'ended';
  two.dispatchEvent(new Event('ended'));
  one.enabled = true;
  tell(one as unknown as MediaStreamTrack);
  expect(heard()).toEqual(['remote one 1']);
});

it('lets a track flow while an element shows nothing else, or it would never begin', () => {
  vi.useFakeTimers();
  const element = new platform.HTMLMediaElement();
  element.srcObject = new platform.MediaStream([new Track('picture'), new Track('remote one')]);
  vi.runAllTimers();
  expect(flowing).toEqual([]);

  const sound = new platform.MediaStream([new Track('remote two')]);
  element.srcObject = sound;
  const picture = new Track('picture');
  sound.addTrack(picture);
  vi.runAllTimers();
  expect(flowing).toEqual([]);

  sound.removeTrack(picture);
  vi.runAllTimers();
  expect(flowing).toEqual(['remote two']);
  sound.addTrack(picture);
  expect(flowing).toEqual([]);

  element.srcObject = new platform.MediaStream([new Track('remote three')]);
  vi.runAllTimers();
  expect(flowing).toEqual(['remote three']);
  element.srcObject = null;
  expect(flowing).toEqual([]);
});
