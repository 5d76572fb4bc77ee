import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Failure } from '../shared/bridge';
import type { Shown, ToWorker } from '../shared/messages';
import { Engine, type EngineListener, type Invoke } from './engine';

vi.mock('inline:src/worker/main.ts', () => ({ default: '' }));
vi.mock('inline:src/worklet/main.ts', () => ({ default: '' }));

class FakeWorker {
  static last: FakeWorker;
  onerror: (() => void) | null = null;
  onmessage: ((event: { data: object }) => void) | null = null;
  constructor() {
    FakeWorker.last = this;
  }
  /** Of the page, in order. It does not begin by itself. */
  readonly messages: ToWorker[] = [];
  postMessage(message: ToWorker): void {
    this.messages.push(message);
  }
}

beforeEach(() => {
  vi.stubGlobal('Worker', FakeWorker);
  vi.stubGlobal('document', { createElement: () => ({ canPlayType: () => '' }) });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

function make(invoke: Invoke = () => new Promise(() => undefined)) {
  const engine = new Engine(invoke);
  const closed: (string | undefined)[] = [];
  const listener = {
    handleClosed: (error: Failure | null) => closed.push(error?.name),
  } as unknown as EngineListener;
  return { engine, closed, listener };
}

test('where the worker can not begin, connections are closed, and counters empty', async () => {
  const { engine, closed, listener } = make();
  const pc = engine.connect(listener, null);
  const counters = engine.counters(pc);
  FakeWorker.last.onerror?.();
  expect(closed).toEqual(['OperationError']);
  engine.connect(listener, null);
  await Promise.resolve();
  expect(closed).toEqual(['OperationError', 'OperationError']);
  expect([await counters, await engine.counters(pc)]).toEqual([[], []]);
  expect(await engine.support).toEqual({ tracks: false, video: [] });
});

test('what goes wrong in a worker that has begun ends nothing', () => {
  const { engine, closed, listener } = make();
  engine.connect(listener, null);
  FakeWorker.last.onmessage?.({ data: { to: 'probed', support: { tracks: true, video: [] } } });
  FakeWorker.last.onerror?.();
  expect(closed).toEqual([]);
});

test('tells the worker over its port how many pictures are shown of a track', async () => {
  const { engine } = make();
  const track = {} as MediaStreamTrack;
  engine.countShown((asked) => (asked === track ? 7 : null));
  const [first] = FakeWorker.last.messages;
  if (first?.to !== 'players') throw new Error('the port comes first');
  const { port } = first;
  const answer = (generator: number) =>
    new Promise<Shown>((resolve) => {
      port.onmessage = ({ data }: MessageEvent<Shown>) => {
        resolve(data);
      };
      port.postMessage({ generator });
    });
  FakeWorker.last.onmessage?.({ data: { to: 'generator', id: 3, track } });
  expect(await answer(3)).toEqual({ generator: 3, total: null });
  engine.generate();
  expect(await answer(3)).toEqual({ generator: 3, total: 7 });
  port.close();
});

test('a screen that is chosen where the worker can not begin gives no picture, before or after', async () => {
  const { engine } = make(() => Promise.resolve({ protocol: 1, url: '', token: '' }));
  const stopped: number[] = [];
  for (const id of [1, 2]) {
    const track = { stop: () => stopped.push(id) } as unknown as MediaStreamTrack;
    FakeWorker.last.onmessage?.({ data: { to: 'generator', id, track } });
  }
  const ended = vi.fn();
  const bounds = { width: 1, height: 1, frameRate: 1 };
  const before = engine.captureScreen(bounds, ended);
  await Promise.resolve();
  FakeWorker.last.onerror?.();
  await expect(before).rejects.toMatchObject({ name: 'NotReadableError' });
  const after = engine.captureScreen(bounds, ended);
  await expect(after).rejects.toMatchObject({ name: 'NotReadableError' });
  expect(stopped).toEqual([1, 2]);
  expect(ended).not.toHaveBeenCalled();
});
