import type { CallId, Command } from '../protocol';
import { HostError } from '../host/host';

/** How a person leaves a call. */
export type LeaveCommand = Extract<Command, { type: 'hang_up' | 'decline' }>;

/**
 * The calls this person left that the node may not know of yet: it may be out of reach at that moment, and must not
 * have the call go on once it is back.
 */
export class Leaving {
  readonly #commands = new Map<CallId, LeaveCommand>();

  constructor(private readonly request: (command: Command) => Promise<void>) {}

  has(call: CallId): boolean {
    return this.#commands.has(call);
  }

  leave(command: LeaveCommand): void {
    this.#commands.set(command.call, command);
    this.#tell(command);
  }

  /** The node was attached to anew. */
  handleWelcome(): void {
    for (const command of this.#commands.values()) this.#tell(command);
  }

  /** The node says that the call has ended. */
  handleEnded(call: CallId): void {
    this.#commands.delete(call);
  }

  #tell(command: LeaveCommand): void {
    this.request(command).then(
      () => {
        this.#commands.delete(command.call);
      },
      (error: unknown) => {
        // Any other answer means that there is no such call any more.
        if (!(error instanceof HostError) || error.code !== 'disconnected') {
          this.#commands.delete(command.call);
        }
      },
    );
  }
}
