/** The transceivers of a connection, in order of creation (WebRTC 1.0, section 5.1). */
import type { Direction, Kind } from '../shared/bridge';
import type { Engine } from './engine';
import { Line } from './line';
import { directionOf, receives, sends } from './states';
import { type LineOwner, RtpTransceiver } from './transceiver';
import { PERMIT } from './webidl';

export class Transceivers {
  readonly lines: Line[] = [];
  readonly #shown = new Map<Line, RTCRtpTransceiver>();
  #nextKey = 0;

  constructor(
    private readonly engine: Engine,
    private readonly owner: () => LineOwner,
  ) {}

  add(kind: Kind, direction: Direction, encoding?: RTCRtpEncodingParameters): Line {
    const changed = (line: Line) => {
      this.owner().updateMedia(line);
    };
    const line = new Line(this.#nextKey++, kind, direction, this.engine, changed, encoding);
    this.lines.push(line);
    return line;
  }

  /** The one that sends a track from now on, a new one if none is free. Throws InvalidAccessError. */
  addTrack(track: MediaStreamTrack, streams: readonly MediaStream[]): Line {
    if (this.lines.some((line) => !line.stopped && line.track === track)) {
      throw new DOMException('the track is sent already', 'InvalidAccessError');
    }
    const free = this.lines.find(
      (line) => line.kind === track.kind && !line.track && !line.stopped && !line.hasSent,
    );
    const line = free ?? this.add(track.kind as Kind, 'sendrecv');
    if (free) line.direction = directionOf(true, receives(line.direction));
    line.addedTrack = true;
    line.setTrack(track);
    line.streams = [...new Set(streams.map(({ id }) => id))];
    return line;
  }

  /** The one that ceases to send; nothing if it did not. Throws InvalidAccessError. */
  removeTrack(sender: RTCRtpSender): Line | null {
    const line = this.lines.find((one) => this.show(one).sender === sender);
    if (!line) throw new DOMException('not a sender of this', 'InvalidAccessError');
    if (!line.track || line.stopped) return null;
    line.setTrack(null);
    line.direction = directionOf(false, receives(line.direction));
    return line;
  }

  /** Section 4.4.3.2, for pages of old. */
  offerToReceive(kind: Kind, wanted: unknown): void {
    if (wanted === undefined) return;
    const lines = this.lines.filter((line) => line.kind === kind && !line.stopped);
    const receiving = lines.filter(({ direction }) => receives(direction));
    if (!wanted) {
      for (const line of receiving) line.direction = directionOf(sends(line.direction), false);
    } else if (receiving.length === 0) {
      this.add(kind, 'recvonly');
    }
  }

  /** As the page sees it. */
  show(line: Line): RTCRtpTransceiver {
    let transceiver = this.#shown.get(line);
    if (!transceiver) {
      transceiver = new RtpTransceiver(PERMIT, line, this.owner());
      this.#shown.set(line, transceiver);
    }
    return transceiver;
  }

  /** Those whose media is wanted. */
  get wanted(): RTCRtpTransceiver[] {
    return this.lines.filter(({ stopped }) => !stopped).map((line) => this.show(line));
  }

  /** Those that both ends have not agreed to stop. */
  get current(): RTCRtpTransceiver[] {
    return this.lines.filter(({ ended }) => !ended).map((line) => this.show(line));
  }

  get all(): RTCRtpTransceiver[] {
    return this.lines.map((line) => this.show(line));
  }
}
