import type {
  CallView,
  Command,
  DeviceKind,
  Event,
  HistoryEntry,
  Me,
  NoticeCode,
  Peer,
  PeerId,
  Role,
  Signal,
} from '../protocol';
import { HostError, type Host, type Identity } from '../host/host';
import type { CreateConnection } from '../rtc/session';
import type { RingingCall } from './attention';
import type { CallContext, Saying } from './call-context';
import { CurrentCall } from './call.svelte';
import { newCall } from './call-view';
import type { Clock } from './clock';
import { Handoffs } from './handoff.svelte';
import { nodeOf, randomCallId } from './ids';
import { launchPath, type Launch } from './launch';
import { Leaving } from './leaving';
import type { LocalMedia } from './media.svelte';
import type { Memory } from './memory';
import type {
  Announcement,
  AppModel,
  CallModel,
  ConnectionState,
  DevicesModel,
  Handoff,
  PendingCall,
  Problem,
  ProblemCode,
  Support,
} from './model';
import type { Tone } from './tones';

/** Signals kept for a call that is about to take the place of the one there is. */
const MAX_EARLY_SIGNALS = 64;
/** How long the node, come back, may take to tell of the calls it knows. */
export const RECALL_MS = 3_000;

/** What the application is made of. */
export interface AppParts {
  readonly host: Host;
  readonly role: Role;
  readonly kind: DeviceKind;
  readonly support: Support;
  readonly launch: Launch;
  readonly clock: Clock;
  readonly memory: Memory;
  readonly local: LocalMedia;
  readonly devices: DevicesModel;
  readonly createConnection: CreateConnection;
  readonly playTone: (tone: Tone) => void;
  readonly keepScreenOn: (on: boolean) => void;
  /** Calls for attention while one rings. */
  readonly ring: (call: RingingCall | null) => void;
  /** Somebody calls or answers: asks whether they may be told of calls while they look elsewhere. */
  readonly askForAttention: () => void;
}

/** A call that waits for the one there is to end: both called each other, and this one survives. */
interface NextCall {
  view: CallView;
  readonly signals: Signal[];
}

/** All of the application's state, and what a person can do. Joins the node and the media. */
export class LanlineApp implements AppModel {
  #connection: ConnectionState = $state('connecting');
  #me: Me | null = $state.raw(null);
  /** What a guest called themselves: here too, for not every browser remembers it. */
  #guestName: string | null = $state.raw(null);
  #roster: readonly Peer[] = $state.raw([]);
  #history: readonly HistoryEntry[] = $state.raw([]);
  #notices: readonly NoticeCode[] = $state.raw([]);
  #call: CurrentCall | null = $state.raw(null);
  #pending: Launch = $state.raw({ type: 'nothing' });
  readonly #handoffs: Handoffs;
  readonly #leaving: Leaving;
  #problem: Problem | null = $state.raw(null);
  #announcement: Announcement | null = $state.raw(null);
  #spoken = 0;
  #next: NextCall | null = null;
  /** Whether the node, since it was last attached to, has told of the call there is. */
  #recalled = true;
  #stopRecall: (() => void) | null = null;

  constructor(private readonly parts: AppParts) {
    this.#pending = parts.launch;
    this.#guestName = parts.memory.preference('guest-name');
    this.#handoffs = new Handoffs(parts.host);
    this.#leaving = new Leaving((command) => parts.host.request(command));
  }

  get support(): Support {
    return this.parts.support;
  }

  get connection(): ConnectionState {
    return this.#connection;
  }

  get me(): Me | null {
    return this.#me;
  }

  get unnamed(): boolean {
    return this.parts.role === 'guest' && this.#guestName === null;
  }

  get roster(): readonly Peer[] {
    return this.#roster;
  }

  get history(): readonly HistoryEntry[] {
    return this.#history;
  }

  get missed(): number {
    return this.#history.filter((entry) => entry.missed && !entry.seen).length;
  }

  get notices(): readonly NoticeCode[] {
    return this.#notices;
  }

  get call(): CallModel | null {
    return this.#call;
  }

  get pending(): PendingCall | null {
    const pending = this.#pending;
    if (this.#call || pending.type === 'nothing') return null;
    const to = pending.type === 'call' ? pending.peer : null;
    const peer = this.#target(pending);
    const name = peer?.name ?? (to === null ? (this.#me?.node_name ?? null) : null);
    return { to, name, asks: pending.type === 'call' };
  }

  get handoff(): Handoff | null {
    return this.#handoffs.last;
  }

  get problem(): Problem | null {
    return this.#problem;
  }

  get announcement(): Announcement | null {
    return this.#announcement;
  }

  get devices(): DevicesModel {
    return this.parts.devices;
  }

  /** Attaches to the node. */
  start(): void {
    this.parts.host.attach(() => this.#identity(), {
      handleEvent: (event) => {
        this.handleEvent(event);
      },
      handleState: (state) => {
        this.#handleState(state);
      },
      handleRefused: (code) => {
        this.#report(code);
      },
    });
  }

  /** What happened at the node. */
  handleEvent(event: Event): void {
    switch (event.event) {
      case 'welcome':
        this.#leaving.handleWelcome();
        this.#recall();
        return;
      case 'me':
        this.#me = event;
        this.#tryPending();
        return;
      case 'roster':
        this.#roster = event.peers;
        this.#tryPending();
        return;
      case 'call':
        this.#handleCall(event);
        return;
      case 'signal':
        if (event.call === this.#call?.id) {
          if (event.from === this.#call.peer) this.#call.handleSignal(event.signal);
        } else if (event.call === this.#next?.view.id) {
          if (this.#next.signals.length < MAX_EARLY_SIGNALS) this.#next.signals.push(event.signal);
        }
        return;
      case 'history':
        this.#history = event.entries;
        return;
      case 'network_changed':
        this.#call?.handleNetworkChanged();
        return;
      case 'notices':
        this.#notices = event.codes;
        return;
      case 'replaced':
      case 'goodbye':
        // The host says so in its state.
        return;
    }
  }

  callPeer(peer: PeerId, video: boolean): void {
    this.#pending = { type: 'nothing' };
    const current = this.#call;
    if (current && current.phase !== 'ended') {
      // They are calling this person right now: that is the same wish.
      if (current.peer === peer && current.phase === 'incoming') current.accept(video);
      else this.#report('already_in_call');
      return;
    }
    const known = this.#roster.find(({ id }) => id === peer);
    if (!known) {
      this.#report('unknown_peer');
    } else if (!this.parts.support.webrtc) {
      this.#handOff(launchPath({ type: 'call', peer, video }));
    } else {
      this.#place(known, video);
    }
  }

  callPending(): void {
    if (this.#pending.type === 'call') this.callPeer(this.#pending.peer, this.#pending.video);
  }

  cancelPending(): void {
    this.#pending = { type: 'nothing' };
  }

  rename(name: string): void {
    this.#request({ type: 'set_name', name }, () => {
      if (this.parts.role !== 'guest') return;
      this.#guestName = name;
      this.parts.memory.setPreference('guest-name', name);
    });
  }

  setBlocked(peer: PeerId, blocked: boolean): void {
    this.#request({ type: 'set_blocked', peer, blocked });
  }

  historySeen(): void {
    this.#request({ type: 'history_seen' });
  }

  clearHistory(): void {
    this.#request({ type: 'clear_history' });
  }

  reconnect(): void {
    this.parts.host.reconnect();
  }

  openInBrowser(): void {
    this.#handOff('/');
  }

  dismissProblem(): void {
    this.#problem = null;
  }

  dismissHandoff(): void {
    this.#handoffs.dismiss();
  }

  #identity(): Identity {
    const { role, kind, support } = this.parts;
    const name = role === 'guest' ? this.#guestName : null;
    return { role, kind, webrtc: support.webrtc, name };
  }

  #handleState(state: ConnectionState): void {
    this.#connection = state;
    if (state === 'lost') this.#call?.handleNodeLost();
    if (state !== 'replaced' || !this.#call) return;
    // Whatever took this seat goes on with the call.
    this.#call.close(false);
    this.#call = null;
    this.#follow();
  }

  #handleCall(view: CallView): void {
    const current = this.#call;
    if (this.#leaving.has(view.id)) {
      if (view.state !== 'ended') return;
      this.#leaving.handleEnded(view.id);
      // Both called each other, and only then did this person give up.
      if (view.merged_into !== null) {
        this.#leaving.leave({ type: 'hang_up', call: view.merged_into });
      }
    }
    if (current?.id === view.id) {
      this.#recalled = true;
      current.handleView(view);
      this.#adoptNext();
    } else if (current && current.phase !== 'ended' && current.mergedInto !== view.id) {
      if (this.#next?.view.id === view.id) this.#next.view = view;
      else this.#next = { view, signals: [] };
    } else if (view.state !== 'ended') {
      this.#adopt(view);
    }
  }

  /** The call there is has ended, or was merged: is one waiting to take its place? */
  #adoptNext(): void {
    const next = this.#next;
    const current = this.#call;
    if (!next || !current) return;
    if (current.phase !== 'ended' && current.mergedInto !== next.view.id) return;
    this.#next = null;
    if (next.view.state === 'ended') return;
    this.#adopt(next.view);
    for (const signal of next.signals) this.#call?.handleSignal(signal);
  }

  #adopt(view: CallView): void {
    this.#recalled = true;
    this.#call?.close(this.#call.mergedInto === view.id);
    const call = new CurrentCall(this.#context, view);
    this.#call = call;
    call.handleView(view);
    this.#pending = { type: 'nothing' };
    if (call.phase === 'incoming') this.#announce({ code: 'incoming', name: call.name });
  }

  #place(peer: Peer, video: boolean): void {
    this.#call?.close(false);
    const call = new CurrentCall(this.#context, newCall(randomCallId(), peer, video));
    this.#call = call;
    this.#recalled = true;
    this.#problem = null;
    this.#follow();
    call.place().catch((error: unknown) => {
      // The person has given it up before.
      if (call.phase === 'ended') return;
      call.dismiss();
      this.#report(error instanceof HostError ? error.code : 'negotiation_failed');
    });
  }

  /** Calls the owner, if this page was opened for that, as soon as somebody is there to answer. */
  #tryPending(): void {
    const pending = this.#pending;
    if (pending.type !== 'call_owner') return;
    // A call from before a reload comes first.
    if (this.#call || !this.#me || this.parts.memory.held) return;
    const owner = this.#target(pending);
    if (owner?.status === 'available') this.callPeer(owner.id, true);
  }

  #target(pending: Launch): Peer | undefined {
    const id = pending.type === 'call' ? pending.peer : this.#me && nodeOf(this.#me.peer);
    return this.#roster.find((peer) => peer.id === id);
  }

  /** The node tells of all calls it knows after it was attached to. One it forgot is over. */
  #recall(): void {
    this.#recalled = false;
    this.#stopRecall?.();
    this.#stopRecall = this.parts.clock.after(RECALL_MS, () => {
      if (this.#recalled) return;
      this.#recalled = true;
      this.#call?.handleForgotten();
      this.parts.memory.held = null;
      this.#tryPending();
    });
  }

  #handOff(path: string): void {
    this.#handoffs.open(path, this.#me?.local_url ?? 'http://localhost:3000/');
  }

  #request(command: Command, done?: () => void): void {
    this.parts.host.request(command).then(
      () => {
        this.#problem = null;
        done?.();
      },
      (error: unknown) => {
        this.#report(error instanceof HostError ? error.code : 'disconnected');
      },
    );
  }

  #report(code: ProblemCode): void {
    this.#problem = { code };
  }

  #announce(saying: Saying): void {
    this.#spoken += 1;
    this.#announcement = { ...saying, serial: this.#spoken };
  }

  /** What is heard, who is called to look, and whether the screen stays on, follow from the call. */
  #follow(): void {
    const phase = this.#call?.phase ?? 'ended';
    const tones: Partial<Record<typeof phase, Tone>> = { incoming: 'ring', ringing: 'ringback' };
    this.parts.playTone(tones[phase] ?? 'silence');
    this.parts.ring(phase === 'incoming' ? this.#call : null);
    this.parts.keepScreenOn(phase !== 'ended' && this.#call?.holder === 'here');
  }

  get #context(): CallContext {
    const { clock, createConnection, support, local, memory, host } = this.parts;
    return {
      clock,
      createConnection,
      webrtc: support.webrtc,
      local,
      memory,
      request: (command) => {
        // After the microphone and the camera, which the call itself waits for.
        if (command.type === 'place' || command.type === 'accept') this.parts.askForAttention();
        return host.request(command);
      },
      leave: (command) => {
        this.#leaving.leave(command);
      },
      announce: (saying) => {
        this.#announce(saying);
      },
      report: (problem) => {
        this.#report(problem);
      },
      handOff: (path) => {
        this.#handOff(path);
      },
      changed: () => {
        this.#follow();
      },
      dismiss: (call) => {
        if (this.#call === call) this.#call = null;
        this.#follow();
      },
      callPeer: (peer, video) => {
        this.callPeer(peer, video);
      },
    };
  }
}
