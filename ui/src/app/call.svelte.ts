import type {
  CallId,
  CallView,
  Command,
  DeviceKind,
  Direction,
  EndReason,
  Holder,
  MediaState,
  Participant,
  PeerId,
  Signal,
  Trust,
} from '../protocol';
import { HostError } from '../host/host';
import type { CallContext, Saying } from './call-context';
import { isAgreed, isUnanswered, phaseOf } from './call-view';
import type { LeaveCommand } from './leaving';
import type { ScreenState } from '../rtc/screen';
import type { CallEnding, CallModel, CallPhase, LocalDevice, Quality } from './model';
import { MediaPath } from './path.svelte';

/**
 * How long a window that is to answer an offer waits for it, before it makes one itself: another
 * window may have answered it, and be gone.
 */
export const OFFER_WAIT_MS = 1_000;

/** What was known of the call before the node's last word, to tell what has changed. */
interface Heard extends MediaState {
  readonly phase: CallPhase;
  readonly interrupted: boolean;
}

/** One call, as this window sees it. The node keeps its state; this keeps its media. */
export class CurrentCall implements CallModel {
  readonly id: CallId;
  readonly peer: PeerId;
  #view: CallView;
  #ending: CallEnding | null = $state.raw(null);
  #seconds: number | null = $state(null);
  /** The person took the call in this window. */
  #taken = $state(false);
  /** The node was asked to let this window take the call over. */
  #taking = false;
  /** The node knows of the call. */
  #placed = true;
  #closed = false;
  /** The node can't be asked to mend the path. */
  #nodeLost = false;
  /** What the person has switched on, and was not told of yet. */
  readonly #opening = { microphone: false, camera: false };
  /** The last word on what is sent. */
  #sent: MediaState | null = null;
  #connectedAt: number | null = null;
  #offerWait: (() => void) | null = null;
  #stopTicking: (() => void) | null = null;
  readonly #path: MediaPath;

  /** A call the node told of. To make one, see {@link place}. */
  constructor(
    private readonly context: CallContext,
    view: CallView,
  ) {
    this.id = view.id;
    this.peer = view.participants[0]?.peer ?? '';
    this.#view = $state.raw(view);
    this.#path = new MediaPath({
      call: this.id,
      peer: this.peer,
      clock: context.clock,
      createConnection: context.createConnection,
      tell: (command) => {
        this.#tell(command);
      },
      // A screen on which nothing moves gives no pictures.
      expectVideo: () => this.remoteVideo && !this.remoteScreen,
      changed: () => {
        if (this.#nodeLost && this.#path.transport === 'failed') this.handleForgotten();
        this.#sync();
      },
    });
    context.local.changed = () => {
      this.#sync();
    };
    this.#stopTicking = context.clock.every(1000, () => {
      this.#tick();
    });
  }

  get view(): CallView {
    return this.#view;
  }

  get name(): string {
    return this.#other?.name ?? '';
  }

  get via(): string | null {
    return this.#other?.via ?? null;
  }

  get trust(): Trust {
    return this.#other?.trust ?? 'new';
  }

  get kind(): DeviceKind {
    return this.#other?.kind ?? 'unknown';
  }

  get direction(): Direction {
    return this.#view.direction;
  }

  get video(): boolean {
    return this.#view.video;
  }

  get holder(): Holder {
    return this.#view.holder;
  }

  get ending(): CallEnding | null {
    return this.#ending;
  }

  /** Whether it ended for another call, which goes on in its place. */
  get mergedInto(): CallId | null {
    return this.#view.merged_into;
  }

  get phase(): CallPhase {
    return this.#ending ? 'ended' : phaseOf(this.#view, this.#taken);
  }

  get interrupted(): boolean {
    return this.phase === 'active' && this.#other?.interrupted === true;
  }

  get seconds(): number | null {
    return this.#seconds;
  }

  get quality(): Quality {
    return this.#path.quality;
  }

  get remoteStream(): MediaStream | null {
    return this.#path.remoteStream;
  }

  get remoteAudio(): boolean {
    return this.#isAgreed && this.#other?.media.audio === true;
  }

  get remoteVideo(): boolean {
    return this.#isAgreed && this.#other?.media.video === true;
  }

  get remoteScreen(): boolean {
    return this.remoteVideo && this.#other?.media.screen === true;
  }

  get selfStream(): MediaStream | null {
    return this.context.local.selfStream;
  }

  get microphone(): LocalDevice {
    return this.context.local.microphone;
  }

  get camera(): LocalDevice {
    return this.context.local.camera;
  }

  get screen(): ScreenState {
    return this.context.local.screen;
  }

  accept(video: boolean): void {
    if (this.phase !== 'incoming') return;
    if (!this.context.webrtc) {
      // It rings there, too.
      this.context.handOff('/');
      return;
    }
    const { local } = this.context;
    local.begin(true, video);
    const media = local.state;
    this.#sent = media;
    this.#taken = true;
    this.context.request({ type: 'accept', call: this.id, media }).catch((error: unknown) => {
      if (this.#isOver) return;
      this.#letGo();
      this.#fail(error);
    });
    this.#sync();
    // It stops ringing here before the node has heard of it.
    this.context.changed();
    // Another window has answered the offer, or nobody has and it is too late to wait.
    if (!this.#path.isThere && (this.holder !== 'here' || this.#offerWait === null)) this.#renew();
  }

  decline(): void {
    if (!this.#isOver) this.#leave({ type: 'decline', call: this.id }, 'declined');
  }

  hangUp(): void {
    if (this.phase === 'incoming') this.decline();
    else if (this.#isOver || !this.#placed) this.dismiss();
    else {
      const end = this.#isAgreed ? 'hung_up' : 'cancelled';
      this.#leave({ type: 'hang_up', call: this.id }, end);
    }
  }

  takeHere(): void {
    if (this.#taking || this.#isOver) return;
    this.#taking = true;
    const { local, memory } = this.context;
    const held = memory.held?.call === this.id ? memory.held : null;
    this.context.request({ type: 'take', call: this.id }).then(
      () => {
        this.#taking = false;
        if (this.#isOver) return;
        // After a lost connection to the node the media may never have stopped.
        if (this.#path.transport === 'connected') {
          const { id: call, peer } = this;
          this.#tell({ type: 'transport', call, peer, state: 'connected' });
        } else {
          local.begin(held?.microphone ?? true, held?.camera ?? this.video);
          this.#taken = true;
          this.#renew();
        }
        this.#sync();
      },
      (error: unknown) => {
        this.#taking = false;
        this.#fail(error);
      },
    );
  }

  setMuted(muted: boolean): void {
    this.#opening.microphone = !muted;
    this.context.local.setMicrophone(!muted);
    if (muted) this.#announce('muted');
    this.#sayOpened();
  }

  setCamera(on: boolean): void {
    this.#opening.camera = on;
    this.context.local.setCamera(on);
    if (!on) this.#announce('camera_off');
    this.#sayOpened();
  }

  setScreen(on: boolean): void {
    this.context.local.setScreen(on);
  }

  dismiss(): void {
    this.close(false);
    this.context.dismiss(this);
  }

  callAgain(video: boolean): void {
    this.dismiss();
    this.context.callPeer(this.peer, video);
  }

  /**
   * Calls: the invitation carries an offer without tracks, so it waits for no camera and for no
   * permission. Rejects with the reason if the call never began.
   */
  async place(): Promise<void> {
    const { local } = this.context;
    this.#taken = true;
    this.#placed = false;
    local.begin(true, this.video);
    this.#announce('calling');
    const offer = await this.#path.place();
    if (this.#isOver) return;
    const media = local.state;
    this.#sent = media;
    this.#placed = true;
    const { id: call, peer: to, video } = this;
    const placed = this.context.request({ type: 'place', call, to, video, media, offer });
    // Requests arrive in order: what is sent from here on comes after the invitation.
    this.#path.release();
    await placed;
    this.#sync();
  }

  /** The node's word on the call. */
  handleView(view: CallView): void {
    // The person has left it.
    if (this.#ending) return;
    const before = { ...this.#remote, phase: this.phase, interrupted: this.interrupted };
    this.#nodeLost = false;
    this.#view = view;
    this.#path.setPolite(this.#other?.polite ?? false);
    if (view.connected_ms !== null) {
      this.#connectedAt = this.context.clock.now() - view.connected_ms;
      this.#tick();
    }
    if (view.state === 'ended') {
      this.#handleEnd(view);
      return;
    }
    this.#follow();
    this.#say(before);
    this.context.changed();
  }

  /** A signal of the other side. */
  handleSignal(signal: Signal): void {
    if (this.#isOver) return;
    if (signal.type === 'offer') this.#stopOfferWait();
    this.#path.receive(signal, this.#other?.polite ?? true);
    this.#sync();
  }

  handleNetworkChanged(): void {
    this.#path.handleNetworkChanged();
  }

  /** The node, come back, knows nothing of the call. */
  handleForgotten(): void {
    if (!this.#isOver) {
      this.#handleEnd({ ...this.#view, state: 'ended', end: 'connection_lost' });
    }
  }

  /** The node has been out of reach for long: what ends without it, ends here. */
  handleNodeLost(): void {
    this.#nodeLost = true;
    if (!this.#isAgreed || this.#path.transport !== 'connected') this.handleForgotten();
  }

  /** Lets go of everything; `keepMedia` where another call goes on with it. */
  close(keepMedia: boolean): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stopOfferWait();
    this.#stopTicking?.();
    this.#stopTicking = null;
    this.#path.close();
    if (!keepMedia) {
      this.context.local.changed = null;
      this.context.local.stop();
    }
  }

  get #other(): Participant | undefined {
    return this.#view.participants[0];
  }

  /** What the other person sends. */
  get #remote(): MediaState {
    return { audio: this.remoteAudio, video: this.remoteVideo, screen: this.remoteScreen };
  }

  get #isAgreed(): boolean {
    return isAgreed(this.#view, this.#taken);
  }

  get #isOver(): boolean {
    return this.#closed || this.#view.state === 'ended';
  }

  /** Does what the holder of the call is to do. */
  #follow(): void {
    const { holder } = this.#view;
    const { webrtc, memory, local } = this.context;
    if (!webrtc) return;
    const unanswered = isUnanswered(this.#view);
    switch (holder) {
      case 'here':
        if (!this.#path.isThere && this.#offerWait === null) this.#awaitOffer();
        if (unanswered && !this.#taken) {
          // A stranger's call must not switch the camera's light on.
          if (this.trust === 'known') local.warmUp(this.video);
        } else if (!this.#taken && !this.#taking) {
          this.#resume();
        }
        break;
      case 'elsewhere':
        // Unless this window has just asked for it.
        if (!this.#taking && !(unanswered && this.#taken)) this.#letGo();
        break;
      case 'nobody':
        if (!unanswered && memory.held?.call === this.id) this.takeHere();
        break;
    }
    this.#sync();
  }

  /** Both called each other, and this is the call that is left; or the node says so after a reload. */
  #resume(): void {
    const { local, memory } = this.context;
    const held = memory.held?.call === this.id ? memory.held : null;
    const { wantsMicrophone: audio, wantsCamera: video } = local;
    local.begin(held?.microphone ?? true, held?.camera ?? (video || (!audio && this.video)));
    this.#taken = true;
  }

  #letGo(): void {
    this.#stopOfferWait();
    this.#path.close();
    this.#taken = false;
    const { local, memory } = this.context;
    local.stop();
    if (memory.held?.call === this.id) memory.held = null;
  }

  #awaitOffer(): void {
    this.#offerWait = this.context.clock.after(OFFER_WAIT_MS, () => {
      this.#offerWait = null;
      if (!this.#isOver && this.holder === 'here' && !this.#path.isThere) this.#renew();
    });
  }

  #stopOfferWait(): void {
    this.#offerWait?.();
    this.#offerWait = null;
  }

  #renew(): void {
    this.#stopOfferWait();
    const other = this.#other;
    if (!other) return;
    this.#path.renew(other.epoch + 1, other.polite).catch(() => {
      this.context.report('negotiation_failed');
    });
  }

  /** Sends what is agreed to be sent, says so, and remembers it for a reload. */
  #sync(): void {
    if (this.#isOver) return;
    this.#sayOpened();
    const { local, memory } = this.context;
    const media = local.state;
    if (this.#isAgreed && this.#taken) this.#path.send(local.tracks);
    if (this.holder !== 'here' || !this.#taken || !this.#placed) return;
    memory.held = { call: this.id, microphone: local.wantsMicrophone, camera: local.wantsCamera };
    const sent = this.#sent;
    const { audio, video, screen } = media;
    if (audio === sent?.audio && video === sent.video && screen === sent.screen) return;
    this.#sent = media;
    this.#tell({ type: 'media', call: this.id, media });
    if (sent && sent.screen !== screen) this.#announce(screen ? 'sharing' : 'not_sharing');
  }

  #handleEnd(view: CallView): void {
    const merged = view.merged_into !== null;
    this.#view = view;
    this.close(merged);
    const { memory } = this.context;
    if (memory.held?.call === this.id) memory.held = null;
    if (!merged) {
      const reason = view.end ?? 'failed';
      this.#ending = { reason, seconds: this.#seconds };
      this.context.announce({ code: 'ended', name: this.name, reason });
    }
    this.context.changed();
  }

  #say(before: Heard): void {
    const { phase, interrupted } = this;
    const { audio, video, screen } = this.#remote;
    if (phase !== before.phase) {
      if (phase === 'ringing') this.#announce('ringing');
      if (phase === 'active') this.#announce('connected');
    } else if (interrupted !== before.interrupted) {
      this.#announce(interrupted ? 'interrupted' : 'resumed');
    }
    if (screen !== before.screen) this.#announce(screen ? 'remote_sharing' : 'remote_not_sharing');
    if (phase !== 'active' || before.phase !== 'active') return;
    if (audio !== before.audio) this.#announce(audio ? 'remote_unmuted' : 'remote_muted');
    // The pictures are a screen's, or were.
    if (screen || before.screen) return;
    if (video !== before.video) this.#announce(video ? 'remote_camera_on' : 'remote_camera_off');
  }

  /** What was switched on is on, or can't be, which its note says. */
  #sayOpened(): void {
    const { microphone, camera } = this.context.local;
    if (this.#opening.microphone && microphone.state !== 'starting') {
      this.#opening.microphone = false;
      if (microphone.state === 'on') this.#announce('unmuted');
    }
    if (this.#opening.camera && camera.state !== 'starting') {
      this.#opening.camera = false;
      if (camera.state === 'on') this.#announce('camera_on');
    }
  }

  #announce(code: Exclude<Saying['code'], 'ended'>): void {
    this.context.announce({ code, name: this.name });
  }

  #tick(): void {
    if (this.#connectedAt === null || this.#ending) return;
    this.#seconds = Math.floor((this.context.clock.now() - this.#connectedAt) / 1000);
  }

  /** Ends it here at once: with the node out of reach, a camera must not stay on. */
  #leave(command: LeaveCommand, end: EndReason): void {
    this.context.leave(command);
    this.#handleEnd({ ...this.#view, state: 'ended', end, holder: 'nobody' });
  }

  /** A command nobody waits for: if it came too late, the next view says so. */
  #tell(command: Command): void {
    this.context.request(command).catch(() => undefined);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.context.report(error instanceof HostError ? error.code : 'negotiation_failed');
  }
}
