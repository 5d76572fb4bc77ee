/** A screen's pictures, from the socket they come on to the track they are shown in. */
import { SUBPROTOCOL } from '../shared/bridge';
import { readScreen } from '../shared/frames';
import { dropped } from './garbage';
import type { PictureSink } from './video-receiver';

/** Asks for one more picture; that it is sent is all that counts. */
const NEXT = 'next';

export class ScreenFeed {
  readonly #socket: WebSocket;
  #live = false;
  #closed = false;

  /** `told`: true with the first picture, false when there will be no more. */
  constructor(
    url: string,
    token: string,
    private readonly sink: PictureSink,
    private readonly told: (live: boolean) => void,
  ) {
    const socket = new WebSocket(url, [SUBPROTOCOL, token]);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      socket.send(NEXT);
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string' || this.#closed) return;
      this.#show(data);
      // One at a time: a page that is slow gets fewer, and none that is old.
      if (socket.readyState === WebSocket.OPEN) socket.send(NEXT);
    };
    socket.onclose = () => {
      this.#end();
    };
    this.#socket = socket;
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }

  #show(data: ArrayBuffer): void {
    const picture = readScreen(new DataView(data));
    if (!picture) return;
    const { width, height, time, planes } = picture;
    this.sink(
      new VideoFrame(planes, {
        format: 'I420',
        codedWidth: width,
        codedHeight: height,
        timestamp: time,
      }),
    );
    dropped(data.byteLength);
    if (this.#live) return;
    this.#live = true;
    this.told(true);
  }

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.told(false);
  }
}
