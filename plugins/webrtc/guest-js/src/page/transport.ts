/** The one transport of a connection, and the states that the page reads off it (section 4.4.3). */
import type { Certificate, DtlsState, IceState } from '../shared/bridge';
import { connectionState } from './states';
import {
  type CandidatePair,
  dtlsControlOf,
  DtlsTransport,
  iceControlOf,
  type IceSource,
  IceTransport,
  sctpControlOf,
  SctpTransport,
} from './transports';
import { bytesOf } from './hexadecimal';
import { PERMIT } from './webidl';

export class Transport {
  readonly ice: IceTransport;
  readonly dtls: DtlsTransport;
  readonly sctp: SctpTransport;
  iceState: IceState = 'new';
  dtlsState: DtlsState = 'new';
  connection: RTCPeerConnectionState = 'new';
  /** Of both ends, once they have shown them. */
  certificates: { readonly own: Certificate; readonly peer: Certificate } | null = null;

  constructor(
    private readonly target: EventTarget,
    source: IceSource,
  ) {
    this.ice = new IceTransport(PERMIT, source);
    this.dtls = new DtlsTransport(PERMIT, this.ice);
    this.sctp = new SctpTransport(PERMIT, this.dtls);
  }

  get up(): boolean {
    return this.dtlsState === 'connected';
  }

  /** `first` is done before the page is told. */
  change(ice: IceState, dtls: DtlsState, first: () => void): void {
    const iceChanged = ice !== this.iceState;
    const connection = connectionState(false, ice, dtls);
    const connectionChanged = connection !== this.connection;
    this.iceState = ice;
    this.dtlsState = dtls;
    this.connection = connection;
    first();
    iceControlOf(this.ice).set(ice);
    dtlsControlOf(this.dtls).set(dtls);
    sctpControlOf(this.sctp).set(dtls);
    if (iceChanged) this.target.dispatchEvent(new Event('iceconnectionstatechange'));
    if (connectionChanged) this.target.dispatchEvent(new Event('connectionstatechange'));
  }

  /** The page closed the connection: the transports tell, the connection doesn't (section 4.4.1.4). */
  close(): void {
    this.connection = 'closed';
    this.iceState = 'closed';
    this.dtlsState = 'closed';
    iceControlOf(this.ice).set('closed');
    dtlsControlOf(this.dtls).set('closed');
    sctpControlOf(this.sctp).set('closed');
  }

  /** Known from the first description that is applied (RFC 8445, section 6.1.1). */
  setRole(role: RTCIceRole): void {
    if (this.ice.role === 'unknown') iceControlOf(this.ice).role(role);
  }

  show(certificates: NonNullable<Transport['certificates']>): void {
    this.certificates = certificates;
    dtlsControlOf(this.dtls).certificate(bytesOf(certificates.peer.der));
  }

  /** ICE uses another pair than before. */
  select(pair: CandidatePair): void {
    iceControlOf(this.ice).select(pair);
  }

  /** Bytes that the remote takes in a message; 0: any number. */
  limitMessages(bytes: number): void {
    sctpControlOf(this.sctp).limit(bytes);
  }

  setGathering(state: RTCIceGatheringState): void {
    iceControlOf(this.ice).gathering(state);
  }
}
