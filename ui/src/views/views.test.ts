// @vitest-environment happy-dom
import type { DetachedWindowAPI } from 'happy-dom';
import { flushSync, mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import App from '../App.svelte';
import type { AppModel, CallModel, CallPhase } from '../app/model';
import { Language } from '../i18n/language.svelte';
import type { Me, Peer } from '../protocol';
import { Appearance } from '../styles/appearance.svelte';
import { settle } from '../testing/fake-rtc';
import { World } from '../testing/world';

const ADA: Peer = {
  id: 'a'.repeat(52),
  node: 'a'.repeat(52),
  name: 'Ada',
  kind: 'laptop',
  role: 'owner',
  via: null,
  status: 'available',
  trust: 'known',
  blocked: false,
};
const ME: Me = {
  peer: 'm'.repeat(52),
  role: 'owner',
  name: 'Tom',
  kind: 'desktop',
  node_name: 'Tom',
  join_urls: ['https://192.168.1.7:3000/'],
  local_url: 'http://localhost:3000/',
  version: '0.1.0',
};
const on = { state: 'on', problem: null } as const;
const FRONT = { id: 'front', label: 'Front' };

function callIn(phase: CallPhase, more: Partial<CallModel> = {}): CallModel {
  return {
    id: 'c'.repeat(26),
    peer: ADA.id,
    name: ADA.name,
    via: null,
    trust: 'known',
    kind: ADA.kind,
    direction: phase === 'incoming' ? 'incoming' : 'outgoing',
    video: true,
    phase,
    holder: 'here',
    ending: phase === 'ended' ? { reason: 'declined', seconds: null } : null,
    interrupted: false,
    seconds: phase === 'active' ? 3 : null,
    quality: 'good',
    remoteStream: null,
    remoteAudio: true,
    remoteVideo: true,
    remoteScreen: false,
    selfStream: null,
    microphone: on,
    camera: on,
    screen: { state: 'off', problem: null },
    accept: vi.fn(),
    decline: vi.fn(),
    hangUp: vi.fn(),
    takeHere: vi.fn(),
    setMuted: vi.fn(),
    setCamera: vi.fn(),
    setScreen: vi.fn(),
    dismiss: vi.fn(),
    callAgain: vi.fn(),
    ...more,
  };
}

function appWith(more: Partial<AppModel>): AppModel {
  return {
    support: { webrtc: true, capture: true, secure: true, chooseSpeaker: false, shareScreen: true },
    connection: 'open',
    me: ME,
    unnamed: false,
    roster: [ADA],
    history: [],
    missed: 0,
    notices: [],
    call: null,
    pending: null,
    handoff: null,
    problem: null,
    announcement: null,
    devices: {
      microphones: [],
      cameras: [],
      speakers: [],
      microphone: null,
      camera: null,
      speaker: null,
      choose: vi.fn(),
      flipCamera: vi.fn(),
    },
    callPeer: vi.fn(),
    callPending: vi.fn(),
    cancelPending: vi.fn(),
    rename: vi.fn(),
    setBlocked: vi.fn(),
    historySeen: vi.fn(),
    clearHistory: vi.fn(),
    reconnect: vi.fn(),
    openInBrowser: vi.fn(),
    dismissProblem: vi.fn(),
    dismissHandoff: vi.fn(),
    ...more,
  };
}

/** Somebody whose id tells nothing of their name. */
function person(name: string): Peer {
  return { ...ADA, id: Array.from(name).reverse().join(''), name };
}

/** The names in the list of people, as they are read. */
function listed(): string[] {
  const found = document.querySelectorAll('[role=list][aria-label="People nearby"] h3');
  return [...found].map((heading) => heading.textContent);
}

let shown: Record<string, unknown> | null = null;

function show(more: Partial<AppModel>): AppModel {
  const app = appWith(more);
  showApp(app);
  return app;
}

function showApp(app: AppModel): void {
  const language = new Language(null, ['en']);
  const appearance = new Appearance(null);
  shown = mount(App, { target: document.body, props: { app, language, appearance } });
  flushSync();
}

/** How wide the window is, in CSS pixels. */
function setWidth(width: number): void {
  const { happyDOM } = window as unknown as {
    happyDOM: { setViewport: (to: { width: number }) => void };
  };
  happyDOM.setViewport({ width });
}

/** Those that can be pressed: not what is made in advance. */
function reachable(): HTMLButtonElement[] {
  return [...document.querySelectorAll('button')].filter((one) => !one.closest('[inert]'));
}

/** The names of all buttons, as assistive tools say them. */
function buttons(): string[] {
  return reachable().map(nameOf);
}

function nameOf(element: Element): string {
  return (element.getAttribute('aria-label') ?? element.textContent).trim();
}

function press(name: string): void {
  const found = reachable().filter((button) => nameOf(button) === name);
  expect(found).toHaveLength(1);
  found[0]?.click();
  flushSync();
}

/** Types a name into the one form for it there is, and sends it off as Enter does. */
function enterName(name: string): void {
  const field = document.querySelector<HTMLInputElement>('input[aria-label="Your name"]');
  if (!field) throw new Error('no field');
  field.value = name;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  field.form?.requestSubmit();
  flushSync();
}

beforeEach(() => {
  setWidth(1024);
  // What happy-dom lacks and these views ask for.
  vi.stubGlobal(
    'IntersectionObserver',
    class {
      observe = vi.fn();
      disconnect = vi.fn();
    },
  );
});
afterEach(async () => {
  if (shown) await unmount(shown);
  shown = null;
  vi.unstubAllGlobals();
});

it('lists who is nearby, with one button for each kind of call', () => {
  const app = show({});
  expect(document.querySelectorAll('[role=list][aria-label="People nearby"] li')).toHaveLength(1);
  press('Video call Ada');
  press('Audio call Ada');
  expect(vi.mocked(app.callPeer).mock.calls).toEqual([
    [ADA.id, true],
    [ADA.id, false],
  ]);
});

it('lists people by name, and has no search for a few', () => {
  show({ roster: [person('Room 10'), person('Room 9'), ADA] });
  expect(listed()).toEqual(['Ada', 'Room 9', 'Room 10']);
  expect(document.querySelector('input[type=search]')).toBeNull();
});

it('finds somebody among many, and says how many it found', () => {
  show({ roster: [ADA, ...Array.from({ length: 12 }, (_, index) => person(`Room ${index}`))] });
  const field = document.querySelector<HTMLInputElement>('input[aria-label="Search by name"]');
  if (!field) throw new Error('no field');
  const outcome = document.querySelector('.people [role=status]');
  const look = (name: string) => {
    field.value = name;
    field.dispatchEvent(new Event('input', { bubbles: true }));
    flushSync();
  };
  expect(outcome?.textContent).toBe('');
  look('room 1');
  expect(listed()).toEqual(['Room 1', 'Room 10', 'Room 11']);
  expect(outcome?.textContent).toBe('3 people found');
  look('Bo ');
  expect(listed()).toEqual([]);
  expect(outcome?.textContent).toBe('No one called “Bo” here');
  look('');
  expect(listed()).toHaveLength(13);
});

it('keeps the search while it hides somebody or is typed in, though few are left', async () => {
  const many = Array.from({ length: 13 }, (_, index) => person(`Room ${index}`));
  const told = (peers: Peer[]) => ({ event: 'roster', peers }) as const;
  const world = new World();
  await world.hear({ event: 'me', ...ME }, told(many));
  showApp(world.app);
  const field = document.querySelector<HTMLInputElement>('input[type=search]');
  if (!field) throw new Error('no field');
  field.focus();
  field.value = 'Ada';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await world.hear(told([ADA, ...many.slice(1, 3)]));
  flushSync();
  expect(listed()).toEqual(['Ada']);
  field.value = '';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  expect(listed()).toHaveLength(3);
  expect(document.activeElement).toBe(field);
  field.blur();
  flushSync();
  expect(document.querySelector('input[type=search]')).toBeNull();
});

it('says what to check while nobody is there', () => {
  show({ roster: [] });
  expect(document.body.textContent).toContain('client isolation');
});

it('warns of a known name on another device', () => {
  show({ roster: [{ ...ADA, trust: 'name_taken' }] });
  expect(document.querySelector('[role=note]')?.textContent).toContain('different device');
});

it('lets the owner block somebody, and no guest, who could not', async () => {
  const app = show({});
  press('More about Ada');
  press('Block Their calls won’t ring here');
  expect(app.setBlocked).toHaveBeenCalledWith(ADA.id, true);
  if (shown) await unmount(shown);
  show({ me: { ...ME, role: 'guest' } });
  press('More about Ada');
  expect(document.body.textContent).toContain('Identity aaaa aaaa');
  expect(buttons().filter((name) => name.startsWith('Block'))).toEqual([]);
});

it('cancels an outgoing call', () => {
  const call = callIn('ringing');
  show({ call });
  expect(document.querySelector('video[aria-label]')).toBeNull();
  press('Cancel call');
  expect(call.hangUp).toHaveBeenCalledOnce();
});

it('mutes and hides before the other answers, by button and by key', () => {
  const call = callIn('ringing');
  show({ call });
  press('Mute');
  press('Camera off');
  expect(call.setMuted).toHaveBeenCalledWith(true);
  expect(call.setCamera).toHaveBeenCalledWith(false);
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'm' }));
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'v' }));
  expect(call.setMuted).toHaveBeenCalledTimes(2);
  expect(call.setCamera).toHaveBeenCalledTimes(2);
});

it('says in the call what could not be done, and that the node is out of reach', () => {
  const app = show({
    call: callIn('active'),
    connection: 'lost',
    problem: { code: 'negotiation_failed' },
  });
  expect(document.body.textContent).toContain('The call goes on');
  expect(document.body.textContent).toContain('could not agree');
  press('Dismiss');
  expect(app.dismissProblem).toHaveBeenCalledOnce();
});

it('says that one is muted, and goes on saying it when the controls fade', () => {
  show({ call: callIn('active', { microphone: { state: 'off', problem: null } }) });
  const chip = [...document.querySelectorAll('.chip')].map((one) => one.textContent);
  expect(chip).toEqual(['You are muted']);
});

it('takes an incoming video call with or without the camera, or declines it', () => {
  const call = callIn('incoming');
  show({ call });
  expect(document.activeElement?.getAttribute('role')).toBe('alertdialog');
  press('Accept');
  press('Accept without camera');
  press('Decline');
  expect(vi.mocked(call.accept).mock.calls).toEqual([[true], [false]]);
  expect(call.decline).toHaveBeenCalledOnce();
});

it('has the call laid out while it rings, and out of reach', () => {
  for (const phase of ['incoming', 'ringing'] as const) {
    const call = callIn(phase);
    show({ call });
    const inCall = document.querySelector('.in-call');
    expect(inCall?.querySelector('button[aria-label="Mute"]')).not.toBeNull();
    expect(inCall?.hasAttribute('inert')).toBe(true);
    expect(buttons()).not.toContain('Hang up');
    window.dispatchEvent(new KeyboardEvent('keydown', { key: 's' }));
    expect(call.setScreen).not.toHaveBeenCalled();
    if (shown) void unmount(shown);
  }
  shown = null;
});

it('lays out no call where it would be in a browser', () => {
  const { support } = appWith({});
  show({ call: callIn('incoming'), support: { ...support, webrtc: false } });
  expect(document.querySelector('.in-call')).toBeNull();
});

it('warns of a caller with a known name on another device, whatever the list says of it', () => {
  const call = callIn('incoming', { trust: 'name_taken', via: 'Somebody' });
  for (const roster of [[], [{ ...ADA, name: 'Printer' }]]) {
    show({ call, roster });
    const warning = document.querySelector('[role=note]')?.textContent;
    expect(warning).toContain('different device');
    expect(warning).toContain('Ada');
    expect(document.querySelector('.via')?.textContent).toContain('Somebody');
    if (shown) void unmount(shown);
  }
  shown = null;
});

it('names the remote picture, and the buttons by what they do', () => {
  const call = callIn('active');
  show({ call });
  expect(document.querySelectorAll('video[aria-label="Ada"]')).toHaveLength(1);
  press('Mute');
  press('Camera off');
  press('Hang up');
  expect(call.setMuted).toHaveBeenCalledWith(true);
  expect(call.setCamera).toHaveBeenCalledWith(false);
  expect(call.hangUp).toHaveBeenCalledOnce();
});

it('offers to unmute, and says what is wrong with a device', () => {
  const call = callIn('active', {
    microphone: { state: 'unavailable', problem: 'device_busy' },
    camera: { state: 'unavailable', problem: 'no_device' },
  });
  show({ call });
  expect(buttons()).toContain('Unmute');
  expect(buttons()).toContain('Camera on');
  expect(document.body.textContent).toContain('Another application is using the microphone');
  expect(document.body.textContent).toContain('No camera found');
});

it('says that the browser asks, once where it asks for both', () => {
  const asking = { state: 'starting', problem: 'asking' } as const;
  show({ call: callIn('ringing', { camera: asking }) });
  expect(document.body.textContent).toContain('Your browser asks for the camera. Allow it.');
  if (shown) void unmount(shown);
  show({ call: callIn('active', { camera: asking, microphone: asking }) });
  expect(document.body.textContent).toContain('Your browser asks for camera and microphone.');
  press('Mute');
});

it('has the controls fade though no mouse has moved, and a key brings them back', () => {
  vi.useFakeTimers();
  show({ call: callIn('active') });
  const call = document.querySelector('.in-call');
  document.querySelector('video[aria-label="Ada"]')?.dispatchEvent(new Event('resize'));
  flushSync();
  expect(call?.classList).not.toContain('hidden');
  vi.runAllTimers();
  flushSync();
  expect(call?.classList).toContain('hidden');
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Shift' }));
  flushSync();
  expect(call?.classList).not.toContain('hidden');
  vi.useRealTimers();
});

it('acts on keys, but not on those with a modifier', () => {
  const call = callIn('active');
  show({ call });
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'm', ctrlKey: true }));
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'v' }));
  expect(call.setMuted).not.toHaveBeenCalled();
  expect(call.setCamera).toHaveBeenCalledWith(false);
});

it('shares the screen, and says so', () => {
  const call = callIn('active');
  show({ call });
  press('Share screen');
  expect(call.setScreen).toHaveBeenCalledWith(true);
});

it('offers nothing to share where the browser can’t', () => {
  const call = callIn('active');
  const support = appWith({}).support;
  show({ call, support: { ...support, shareScreen: false } });
  expect(buttons()).not.toContain('Share screen');
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 's' }));
  expect(call.setScreen).not.toHaveBeenCalled();
  press('Devices');
  expect(document.body.textContent).not.toContain('S share screen');
});

it('stops sharing', () => {
  const call = callIn('active', { screen: { state: 'on', problem: null } });
  show({ call });
  expect(document.body.textContent).toContain('You are sharing your screen');
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 's' }));
  expect(call.setScreen).toHaveBeenCalledWith(false);
});

it('says what is wrong with the screen', () => {
  show({ call: callIn('active', { screen: { state: 'off', problem: 'screen_denied' } }) });
  expect(document.body.textContent).toContain('Allow screen recording');
});

it('shows the whole of a screen, and does not offer to cut it', () => {
  show({ call: callIn('active', { remoteScreen: true }) });
  expect(document.querySelector('video[aria-label="Ada"]')?.className).toContain('contain');
  expect(document.body.textContent).toContain('Ada is sharing a screen');
  expect(buttons()).not.toContain('Show the whole picture');
});

it('brings a call here from another window', () => {
  const call = callIn('active', { holder: 'elsewhere' });
  show({ call });
  press('Continue here');
  expect(call.takeHere).toHaveBeenCalledOnce();
});

it('says how the call ended, and goes by itself', () => {
  vi.useFakeTimers();
  const call = callIn('ended');
  show({ call });
  expect(document.querySelector('h1')?.textContent).toBe('Ada declined');
  vi.runAllTimers();
  expect(call.dismiss).toHaveBeenCalledOnce();
  vi.useRealTimers();
});

it('stays at the ending while somebody is about to do something there', () => {
  vi.useFakeTimers();
  const call = callIn('ended');
  show({ call });
  [...document.querySelectorAll('button')].find((b) => nameOf(b) === 'Call again')?.focus();
  flushSync();
  vi.runAllTimers();
  expect(call.dismiss).not.toHaveBeenCalled();
  vi.useRealTimers();
});

it('asks before it places the call that the page was opened for', () => {
  const app = show({ pending: { to: ADA.id, name: 'Ada', asks: true } });
  expect(document.body.textContent).toContain('Call Ada?');
  press('Call');
  expect(app.callPending).toHaveBeenCalledOnce();
});

it('offers the browser where there is no WebRTC', () => {
  const app = show({
    support: {
      webrtc: false,
      capture: true,
      secure: true,
      chooseSpeaker: false,
      shareScreen: true,
    },
  });
  press('Open in browser');
  expect(app.openInBrowser).toHaveBeenCalledOnce();
});

it('claims to know nothing of anybody while the node is out of reach', () => {
  const app = show({ connection: 'retrying' });
  expect(app.roster.length).toBeGreaterThan(0);
  const ways = [...document.querySelectorAll<HTMLButtonElement>('button[aria-label*=" call "]')];
  expect(ways.length).toBeGreaterThan(0);
  expect(ways.every((button) => button.disabled)).toBe(true);
  expect(document.body.textContent).toContain('Not known right now');
  expect(document.body.textContent).not.toContain('Available');
});

it('takes the seat back from another tab', () => {
  const app = show({ connection: 'replaced' });
  press('Use Lanline here');
  expect(app.reconnect).toHaveBeenCalledOnce();
});

it('refuses a name that no node would take, and asks for one it would', () => {
  const app = show({});
  press('Change name');
  enterName(' ');
  expect(document.body.textContent).toContain('Choose a name of 1 to 40 characters');
  enterName('Tomas');
  expect(vi.mocked(app.rename).mock.calls).toEqual([['Tomas']]);
});

it('goes on with a name that is being typed when the page is turned', () => {
  const width = (pixels: number) => {
    (window as unknown as { happyDOM: DetachedWindowAPI }).happyDOM.setViewport({ width: pixels });
    flushSync();
  };
  const field = () => document.querySelector<HTMLInputElement>('form input');
  width(700);
  show({});
  press('Change name');
  const input = field();
  if (!input) throw new Error('no field');
  input.value = 'Tom As';
  input.dispatchEvent(new Event('input', { bubbles: true }));
  width(1200);
  expect(field()).not.toBe(input);
  expect(field()?.value).toBe('Tom As');
  expect(document.activeElement).toBe(field());
  width(1024);
});

it('shows the name once the node has one, tidied or not, and the focus stays where it was', async () => {
  vi.useFakeTimers();
  const world = new World();
  await world.hear({ event: 'me', ...ME });
  showApp(world.app);
  press('Change name');
  enterName(' Ada  Love\u{2060}lace');
  expect(world.host.commands).toEqual([{ type: 'set_name', name: 'Ada Love\u{2060}lace' }]);
  await world.hear({ event: 'me', ...ME, name: 'Ada Lovelace' });
  await tick();
  expect(document.querySelector('form')).toBeNull();
  expect(document.activeElement && nameOf(document.activeElement)).toBe('Change name');
  vi.useRealTimers();
});

it('asks a guest for a name no longer than until there is one, and leaves the focus on the page', async () => {
  vi.useFakeTimers();
  const world = new World({ role: 'guest' });
  const me: Me = { ...ME, role: 'guest', name: 'Guest' };
  await world.hear({ event: 'me', ...me });
  showApp(world.app);
  document.querySelector('input')?.focus();
  enterName('Grace');
  await settle();
  flushSync();
  expect(document.querySelector('form')).toBeNull();
  expect(document.activeElement?.localName).toBe('main');
  vi.useRealTimers();
});

it('asks a guest for a name as often as it takes', () => {
  const app = show({ me: { ...ME, role: 'guest', name: 'Guest' }, unnamed: true });
  expect(document.querySelector('form')?.getAttribute('aria-label')).toBe(
    'Others see you as “Guest”',
  );
  press('Save');
  expect(document.body.textContent).toContain('Choose a name of 1 to 40 characters');
  enterName('Grace');
  expect(vi.mocked(app.rename).mock.calls).toEqual([['Grace']]);
});

it('asks nobody who has a name', () => {
  show({ me: { ...ME, role: 'guest', name: 'Grace' } });
  expect(document.querySelector('form')).toBeNull();
});

it.each([
  ['above the list where there is one column', 400, ['Change name', 'Video call Ada']],
  ['beside the list where there are two', 1200, ['Video call Ada', 'Change name']],
])('has who one is %s, for eyes and keys', (_where, width, order) => {
  setWidth(width);
  show({});
  expect(buttons().filter((name) => order.includes(name))).toEqual(order);
});

it('offers the system’s default beside the device that is chosen', () => {
  const devices = {
    microphones: [{ id: 'headset', label: 'Headset' }],
    cameras: [],
    speakers: [],
    microphone: 'headset',
    camera: null,
    speaker: null,
    choose: vi.fn(),
    flipCamera: vi.fn(),
  };
  show({ call: callIn('active'), devices });
  press('Devices');
  const select = document.querySelector('select');
  if (!select) throw new Error('no choice');
  expect([...select.options].map((option) => option.text)).toEqual(['System default', 'Headset']);
  expect(select.value).toBe('headset');
  select.value = '';
  select.dispatchEvent(new Event('change', { bubbles: true }));
  expect(devices.choose).toHaveBeenCalledWith('microphone', null);
});

it('flips the camera where there are two, and moves the picture by a button of its own', () => {
  const selfStream = new MediaStream();
  const { devices } = appWith({});
  show({ call: callIn('active', { selfStream }), devices: { ...devices, cameras: [FRONT] } });
  expect(buttons()).not.toContain('Flip camera');
  if (shown) void unmount(shown);
  const cameras = [FRONT, { id: 'rear', label: 'Rear' }];
  show({ call: callIn('active', { selfStream }), devices: { ...devices, cameras } });
  press('Flip camera');
  expect(devices.flipCamera).toHaveBeenCalledOnce();
  expect(document.querySelector('.self')?.classList).toContain('top-right');
  press('Move your picture to the next corner');
  expect(document.querySelector('.self')?.classList).toContain('bottom-right');
  expect(devices.flipCamera).toHaveBeenCalledOnce();
});

it('tells a Lanline that could not start from one that is gone', () => {
  const app = show({ me: null, connection: 'lost', problem: { code: 'no_port' } });
  expect(document.querySelector('h1')?.textContent).toBe('Lanline could not start');
  press('Try again');
  expect(app.reconnect).toHaveBeenCalledOnce();
});
