/** Tracks whose pictures come from here. They are made in advance: a page wants its at once. */
import type { ToPage } from '../shared/messages';
import { Backlog } from './backlog';
import type { PictureSink } from './video-receiver';

/** Pictures that may wait to be shown before one is dropped. */
const MAX_WAITING = 2;

/** Ids from here on belong to the page's own canvases, see `page/tracks.ts`. */
export const FIRST_CANVAS = 1_000_000;

export class Generators {
  readonly #writers = new Map<number, WritableStreamDefaultWriter<VideoFrame>>();
  readonly #backlogs = new Map<number, Backlog>();
  #next = 0;

  /** `ask`: the page is to tell how many pictures of a generator's track were shown; the answer goes to `shown`. */
  constructor(
    private readonly post: (message: ToPage, transfer?: Transferable[]) => void,
    private readonly ask: (generator: number) => void,
  ) {}

  make(count: number): void {
    for (let made = 0; made < count; made++) {
      const generator = new VideoTrackGenerator();
      const id = this.#next++;
      this.#writers.set(id, generator.writable.getWriter());
      const { track } = generator;
      this.post({ to: 'generator', id, track }, [track]);
    }
  }

  /** Its track has ended, and is shown nowhere. */
  discard(id: number): void {
    const writer = this.#writers.get(id);
    this.#writers.delete(id);
    this.#backlogs.get(id)?.close();
    this.#backlogs.delete(id);
    // Pictures that are still on their way have nowhere to go.
    writer?.abort().catch(() => undefined);
  }

  /** Where the pictures for a generator's track go. */
  sink(id: number): PictureSink {
    const writer = this.#writers.get(id);
    if (!writer) {
      return (frame) => {
        this.post({ to: 'picture', generator: id, frame }, [frame]);
      };
    }
    let waiting = 0;
    const backlog = new Backlog(
      (frame) => {
        if (waiting >= MAX_WAITING) {
          frame.close();
          return false;
        }
        waiting += 1;
        const settled = () => {
          waiting -= 1;
        };
        writer.write(frame).then(settled, () => {
          settled();
          frame.close();
        });
        return true;
      },
      () => {
        this.ask(id);
      },
    );
    this.#backlogs.get(id)?.close();
    this.#backlogs.set(id, backlog);
    return (frame) => {
      backlog.put(frame);
    };
  }

  /** What the page says of the pictures of a generator's track: how many were shown, if any are. */
  shown(id: number, total: number | null): void {
    this.#backlogs.get(id)?.told(total);
  }
}
