import type { Command, PeerId } from '../protocol';
import type { CreateConnection } from '../rtc/session';
import type { Clock } from './clock';
import type { LeaveCommand } from './leaving';
import type { LocalMedia } from './media.svelte';
import type { Memory } from './memory';
import type { Announcement, CallModel, ProblemCode } from './model';

/** What an announcement says, apart from its number. */
export type Saying = Announcement extends infer A
  ? A extends unknown
    ? Omit<A, 'serial'>
    : never
  : never;

/** What a call needs of the application. */
export interface CallContext {
  readonly clock: Clock;
  readonly createConnection: CreateConnection;
  readonly webrtc: boolean;
  readonly local: LocalMedia;
  readonly memory: Memory;
  /** Rejects with a {@link HostError}. */
  request(command: Command): Promise<void>;
  /** Tells the node that the person has left, now or once it is back. */
  leave(command: LeaveCommand): void;
  announce(saying: Saying): void;
  report(problem: ProblemCode): void;
  handOff(path: string): void;
  /** The call has moved on: tones and the like follow. */
  changed(): void;
  dismiss(call: CallModel): void;
  callPeer(peer: PeerId, video: boolean): void;
}
