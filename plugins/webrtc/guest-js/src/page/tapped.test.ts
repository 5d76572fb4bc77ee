import { beforeEach, expect, it, vi } from 'vitest';

import { type Platform, watchTaps } from './tapped';

class Stream {
  constructor(readonly names: string[]) {}
  getAudioTracks(): string[] {
    return this.names;
  }
}

let tapped: string[];
let platform: Platform;

beforeEach(() => {
  vi.stubGlobal('MediaStream', Stream);
  tapped = [];
  class AudioContext {
    createMediaStreamSource(stream: unknown): unknown {
      return { of: stream, from: this };
    }
  }
  class MediaStreamAudioSourceNode {
    readonly kind = 'node';
  }
  class MediaRecorder {
    readonly kind = 'recorder';
  }
  platform = {
    AudioContext,
    MediaStreamAudioSourceNode,
    MediaRecorder,
  } as unknown as Platform;
  watchTaps(platform, (track) => tapped.push(track as unknown as string));
});

it('notices each way in which samples are taken', () => {
  const { AudioContext, MediaStreamAudioSourceNode, MediaRecorder } = platform as unknown as Record<
    string,
    new (...given: unknown[]) => object
  >;
  if (!AudioContext || !MediaStreamAudioSourceNode || !MediaRecorder) throw new Error('a class');
  const context = new AudioContext() as { createMediaStreamSource(stream: unknown): object };
  const stream = new Stream(['one']);
  expect(context.createMediaStreamSource(stream)).toEqual({ of: stream, from: context });
  const node = new MediaStreamAudioSourceNode(context, { mediaStream: new Stream(['two']) });
  const recorder = new MediaRecorder(new Stream(['three', 'four']));
  expect(node).toBeInstanceOf(MediaStreamAudioSourceNode);
  expect(recorder).toBeInstanceOf(MediaRecorder);
  expect(tapped).toEqual(['one', 'two', 'three', 'four']);
});

it('leaves it to the webview to refuse nonsense', () => {
  const recorder = platform.MediaRecorder as unknown as new (...given: unknown[]) => object;
  const node = platform.MediaStreamAudioSourceNode as unknown as typeof recorder;
  expect([new recorder(), new node(), new node({}, null)]).toHaveLength(3);
  expect(tapped).toEqual([]);
});
