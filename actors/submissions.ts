import { limits } from '../src/config/limits.js';
import { ConfigurationError, OperationalError } from '../src/errors.js';
import type { RefusalReason } from '../src/wire/client-messages.js';
import type { CommandResult } from './client/tickets.js';
import { commandFault } from './command-fault.js';
import type { GatewayMessage, SubmissionAnswer } from './gateway/messages.js';
import { onAbort } from './on-abort.js';
import { type RequestOptions, signalOf } from './request-options.js';

/** What {@link Submissions} have need of. */
export interface SubmissionsOptions {
  /** Hands a message to the gateway; false when it could not. */
  readonly post: (message: GatewayMessage) => boolean;
  /** Whether the machine builds its blocks itself, and no command is taken. */
  readonly speculative: boolean;
}

interface Open {
  readonly bytes: number;
  readonly resolve: (result: CommandResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The commands that the application has submitted on its replica: each promise is settled by the gateway's answer, by its
 * signal, or by the replica's end, whichever comes first. One that was aborted is taken back where the gateway has not sent it
 * yet; else it keeps its place until it is answered, since the command is under way all the same.
 */
export class Submissions {
  readonly #post: SubmissionsOptions['post'];
  readonly #speculative: boolean;
  readonly #open = new Map<number, Open>();
  #openBytes = 0;
  #last = 0;
  #end: Error | null = null;

  constructor({ post, speculative }: SubmissionsOptions) {
    this.#post = post;
    this.#speculative = speculative;
  }

  /** The bytes are copied: the caller may use its own again at once. */
  async submit(command: Uint8Array, options: RequestOptions): Promise<CommandResult> {
    if (this.#speculative) throw speculates();
    const fault = commandFault(command);
    if (fault !== null) throw fault;
    const signal = signalOf('submit', options);
    if (this.#end !== null) throw this.#end;
    const ticket = this.#last + 1;
    if (
      !this.#hasRoomFor(command) ||
      !this.#post({ type: 'commandSubmitted', ticket, bytes: new Uint8Array(command) })
    ) {
      throw tooMany();
    }
    this.#last = ticket;
    this.#openBytes += command.length;
    const answer = new Promise<CommandResult>((resolve, reject) => {
      this.#open.set(ticket, { bytes: command.length, resolve, reject });
    });
    if (signal === undefined) return await answer;
    const settled = onAbort(signal, () => {
      // Where it does not arrive the command is under way, as if it had been sent before.
      this.#post({ type: 'commandWithdrawn', ticket });
      this.#open.get(ticket)?.reject(signal.reason);
    });
    return await answer.finally(settled);
  }

  /** Settles what the gateway has answered. */
  answered(answers: readonly SubmissionAnswer[]): void {
    for (const answer of answers) {
      const open = this.#open.get(answer.ticket);
      if (open === undefined) continue;
      this.#open.delete(answer.ticket);
      this.#openBytes -= open.bytes;
      if (answer.kind === 'refused') open.reject(refusal(answer.reason));
      // A copy: the replica answers with the same bytes whoever asks after the command again.
      if (answer.kind === 'executed') open.resolve({ result: new Uint8Array(answer.reply), height: answer.height });
    }
  }

  /** Whatever is submitted from now on is rejected with `error`; what is open waits on. */
  refuse(error: Error): void {
    this.#end ??= error;
  }

  /** The replica has ended: the same, and whatever is open is rejected too. */
  end(error: Error): void {
    this.#end = error;
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { reject } of open) reject(error);
  }

  #hasRoomFor({ length }: Uint8Array): boolean {
    return this.#open.size < limits.openSubmissions && this.#openBytes + length <= limits.openSubmissionBytes;
  }
}

function speculates(): ConfigurationError {
  const message =
    'the machine of this replica is speculative and builds its blocks itself: hand the command to the machine, whose next propose() puts it into a block';
  return new ConfigurationError('MACHINE_SPECULATIVE', message);
}

function tooMany(): OperationalError {
  const { openSubmissions: max, openSubmissionBytes: maxBytes } = limits;
  const message = `${max} commands or ${maxBytes} bytes at most may wait for their answer: wait for some of those first`;
  return new OperationalError('TOO_MANY_COMMANDS', message, { max, maxBytes });
}

function refusal(reason: RefusalReason): OperationalError {
  switch (reason) {
    case 'poolFull':
      return new OperationalError('POOL_FULL', 'the replica has no room for this command now: submit it again later');
    case 'stopping':
      return new OperationalError('REPLICA_STOPPED', 'the replica is stopping');
    default:
      return new OperationalError('COMMAND_REFUSED', `this command is not taken: ${reason}`, { reason });
  }
}
