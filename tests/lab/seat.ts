/** A person at a screen, with a keyboard: for the windows that no driver reaches, as dialogs of the app's own. */
import { within } from "./deadline.ts";
import type { Colour } from "./sharing.ts";
import { halves, words, X11 } from "./x11.ts";

/** X11, appendix B. */
const CREATE_WINDOW = 1;
const GET_WINDOW_ATTRIBUTES = 3;
const MAP_WINDOW = 8;
const GET_GEOMETRY = 14;
const QUERY_TREE = 15;
const GET_PROPERTY = 20;
const QUERY_EXTENSION = 98;
/** X11, appendix A: the atom of a window's title. */
const WM_NAME = 39;
/** `map-state` of a window that is seen. */
const VIEWABLE = 2;
/** Attributes of a window: its colour, and that no window manager has a say. */
const BACKGROUND_AND_OVERRIDE = 0x2 | 0x200;
/** XTEST 2.2: FakeInput, and what it can fake. */
const FAKE_INPUT = 2;
const KEY_PRESS = 2;
const KEY_RELEASE = 3;
const MOTION = 6;

/** Key codes of Xvfb's keyboard. */
const KEYS = { Escape: 9, Return: 36 } as const;

export class Seat {
  readonly #screen: X11;
  readonly #fake: number;
  #windows = 0;

  private constructor(screen: X11, fake: number) {
    this.#screen = screen;
    this.#fake = fake;
  }

  static async at(display: number): Promise<Seat> {
    const screen = await X11.to(display);
    const name = Buffer.from("XTEST");
    const body = Buffer.concat([halves(name.length, 0), name]);
    const { head } = await screen.ask(QUERY_EXTENSION, 0, body);
    return new Seat(screen, head.readUInt8(9));
  }

  /** A window of that title is there, and the pointer on it, so that it gets the keys. */
  async goesTo(title: string): Promise<void> {
    const found = async (): Promise<number> => {
      for (;;) {
        const window = await this.#find(title);
        if (window !== null) return window;
      }
    };
    const window = await within(20, `the window "${title}"`, found());
    const { head } = await this.#screen.ask(GET_GEOMETRY, 0, words(window));
    const x = head.readInt16LE(12) + (head.readUInt16LE(16) >> 1);
    const y = head.readInt16LE(14) + (head.readUInt16LE(18) >> 1);
    this.#input(MOTION, 0, x, y);
  }

  /** No window of that title is there. */
  async seesNoMore(title: string): Promise<void> {
    const gone = async (): Promise<void> => {
      while ((await this.#find(title)) !== null);
    };
    await within(20, `the window "${title}" to go`, gone());
  }

  presses(key: keyof typeof KEYS): void {
    this.#input(KEY_PRESS, KEYS[key], 0, 0);
    this.#input(KEY_RELEASE, KEYS[key], 0, 0);
  }

  /** Lays a sheet of one colour on the screen, until this person leaves. */
  lays([red, green, blue]: Colour, width: number, height: number): void {
    const id = this.#screen.firstId + ++this.#windows;
    const body = [
      words(id, this.#screen.root),
      // At the left top, without a border, otherwise as its parent.
      halves(0, 0, width, height, 0, 0),
      words(0, BACKGROUND_AND_OVERRIDE, (red << 16) | (green << 8) | blue, 1),
    ];
    this.#screen.send(CREATE_WINDOW, 0, Buffer.concat(body));
    this.#screen.send(MAP_WINDOW, 0, words(id));
  }

  leaves(): void {
    this.#screen.close();
  }

  async #find(title: string): Promise<number | null> {
    const { rest } = await this.#screen.ask(QUERY_TREE, 0, words(this.#screen.root));
    for (let at = 0; at < rest.length; at += 4) {
      const window = rest.readUInt32LE(at);
      // Any type, from the beginning, up to 256 bytes. A window may go meanwhile.
      const asked = this.#screen.ask(GET_PROPERTY, 0, words(window, WM_NAME, 0, 0, 64));
      const name = await asked.catch(() => null);
      if (name?.rest.toString("latin1", 0, name.head.readUInt32LE(16)) !== title) continue;
      const state = await this.#screen
        .ask(GET_WINDOW_ATTRIBUTES, 0, words(window))
        .catch(() => null);
      if (state?.head.readUInt8(26) === VIEWABLE) return window;
    }
    return null;
  }

  #input(kind: number, detail: number, x: number, y: number): void {
    const body = [
      Buffer.from([kind, detail, 0, 0]),
      words(0, this.#screen.root, 0, 0),
      halves(x, y),
      Buffer.alloc(8),
    ];
    this.#screen.send(this.#fake, FAKE_INPUT, Buffer.concat(body));
  }
}
