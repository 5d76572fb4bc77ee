import { beforeEach, describe, expect, test, vi } from 'vitest';

import { Attention, type RingingCall } from './attention';

const ADA: RingingCall = { id: 'c'.repeat(26), name: 'Ada', video: true };
const BO: RingingCall = { id: 'b'.repeat(26), name: 'Bo', video: false };

/** A browser's window: what it shows, whether it vibrates, and what it was asked. */
class Browser extends EventTarget {
  readonly document = Object.assign(new EventTarget(), { hidden: false });
  readonly navigator = {
    vibrate: vi.fn<(pattern: number | number[]) => boolean>(() => true),
    userActivation: { isActive: true, hasBeenActive: true },
  };
  readonly focus = vi.fn();
  isSecureContext = true;
  /** As Chrome on Android does. */
  constructs = true;
  shown: FakeNotification[] = [];
  readonly Notification: unknown;
  permission: NotificationPermission = 'granted';
  readonly requestPermission = vi.fn(() => Promise.resolve(this.permission));

  constructor() {
    super();
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const browser = this;
    this.Notification = class extends FakeNotification {
      static get permission() {
        return browser.permission;
      }

      static requestPermission = browser.requestPermission;

      constructor(title: string, options?: NotificationOptions) {
        if (!browser.constructs) throw new TypeError('Illegal constructor');
        super(title, options);
        if (browser.permission === 'granted') browser.shown.push(this);
      }

      close() {
        browser.shown = browser.shown.filter((one) => one !== this);
      }
    };
  }

  look(away: boolean): void {
    this.document.hidden = away;
    this.document.dispatchEvent(new Event('visibilitychange'));
  }

  /** Whether the last word was to vibrate. */
  get vibrates(): boolean {
    return Array.isArray(this.navigator.vibrate.mock.lastCall?.[0]);
  }
}

class FakeNotification {
  onclick: (() => void) | null = null;

  constructor(
    readonly title: string,
    readonly options?: NotificationOptions,
  ) {}
}

let browser: Browser;
let attention: Attention;

beforeEach(() => {
  browser = new Browser();
  const scope = browser as unknown as Window & typeof globalThis;
  attention = new Attention(scope, ({ name, video }) => ({
    title: `${name} calls`,
    body: video ? 'video' : 'sound',
  }));
});

describe('a call that rings', () => {
  test('is shown while nobody looks, until it rings no more', () => {
    browser.document.hidden = true;
    attention.ring(ADA);
    attention.ring({ ...ADA });
    expect(browser.shown).toMatchObject([
      {
        title: 'Ada calls',
        options: { body: 'video', tag: ADA.id, requireInteraction: true },
      },
    ]);
    attention.ring(null);
    expect(browser.shown).toEqual([]);
  });

  test('is not shown to somebody who looks, until they look away', () => {
    attention.ring(ADA);
    expect(browser.shown).toEqual([]);
    browser.look(true);
    expect(browser.shown).toHaveLength(1);
    browser.look(false);
    expect(browser.shown).toEqual([]);
  });

  test('gives its place to another', () => {
    browser.document.hidden = true;
    attention.ring(ADA);
    attention.ring(BO);
    expect(browser.shown).toMatchObject([{ title: 'Bo calls', options: { tag: BO.id } }]);
  });

  test('brings the page to the front when it is clicked', () => {
    browser.document.hidden = true;
    attention.ring(ADA);
    browser.shown[0]?.onclick?.();
    expect(browser.focus).toHaveBeenCalledTimes(1);
    expect(browser.shown).toEqual([]);
  });

  test('rings all the same where nothing may be shown, or nothing can', () => {
    browser.document.hidden = true;
    browser.permission = 'denied';
    attention.ring(ADA);
    browser.permission = 'granted';
    browser.constructs = false;
    attention.ring(BO);
    Reflect.deleteProperty(browser, 'Notification');
    attention.ring(ADA);
    expect(browser.shown).toEqual([]);
  });

  test('vibrates for as long as it rings, in sight', () => {
    attention.ring(ADA);
    expect(browser.vibrates).toBe(true);
    const pattern = browser.navigator.vibrate.mock.lastCall?.[0] as number[];
    expect(pattern.reduce((sum, milliseconds) => sum + milliseconds)).toBe(45_000);
    browser.look(true);
    expect(browser.vibrates).toBe(false);
    browser.look(false);
    expect(browser.vibrates).toBe(true);
    attention.ring(null);
    expect(browser.vibrates).toBe(false);
  });

  test('does not vibrate where the page was never touched, or nothing can', () => {
    browser.navigator.userActivation.hasBeenActive = false;
    attention.ring(ADA);
    expect(browser.navigator.vibrate).not.toHaveBeenCalled();
    browser.navigator.userActivation.hasBeenActive = true;
    Reflect.deleteProperty(browser.navigator, 'vibrate');
    attention.ring(BO);
    attention.ring(null);
  });
});

describe('the question', () => {
  beforeEach(() => {
    browser.permission = 'default';
  });

  test('is asked once', () => {
    attention.ask();
    attention.ask();
    expect(browser.requestPermission).toHaveBeenCalledTimes(1);
    expect(browser.shown).toEqual([]);
  });

  test('waits for a click: a page that calls by itself asks nothing', () => {
    browser.navigator.userActivation.isActive = false;
    attention.ask();
    expect(browser.requestPermission).not.toHaveBeenCalled();
    browser.navigator.userActivation.isActive = true;
    attention.ask();
    expect(browser.requestPermission).toHaveBeenCalledTimes(1);
  });

  test.each<[string, () => void]>([
    ['it was answered', () => (browser.permission = 'granted')],
    ['it was refused', () => (browser.permission = 'denied')],
    ['the page is not secure', () => (browser.isSecureContext = false)],
    ['a page may not show any', () => (browser.constructs = false)],
    ['there are none', () => Reflect.deleteProperty(browser, 'Notification')],
  ])('is not asked where %s', (_, set) => {
    set();
    attention.ask();
    expect(browser.requestPermission).not.toHaveBeenCalled();
    expect(browser.shown).toEqual([]);
  });
});
