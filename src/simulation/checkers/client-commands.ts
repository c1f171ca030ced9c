/**
 * S9 and S10, as clients see them: what is committed under a client's name is what that client has submitted, and what a
 * correct replica answers is what the command answered at the height that the answer names. So no replica tells a client what
 * it has run ahead of the others, and whatever one replica says, one after the other, comes from states in their order.
 */
import { bytesToHex } from '../../crypto/hash.js';
import type { ClientAnswer, ClientRequest } from '../../wire/client-messages.js';
import { decodeBody } from '../../wire/command-batch.js';
import type { Accuse } from '../violation.js';

/** What {@link ClientCommandsChecker} goes by. */
export interface ClientCommandsOptions {
  /**
   * Whose commands are executed: those of the run's clients; also such as a liar invents of clients that nobody has heard of,
   * since clients do not sign (DESIGN section 6); or nobody's, so that nothing is said about them.
   */
  readonly submitted: 'byClients' | 'byClientsAndStrangers' | 'byNobody';
  readonly accuse: Accuse;
}

/** Where a command ran and what it answered. */
interface Ran {
  readonly height: number;
  readonly reply: string;
}

/** Judges blocks and answers by what clients have sent and commands have answered. */
export class ClientCommandsChecker {
  readonly #options: ClientCommandsOptions;
  /** By client: the commands' bytes as hex digits, by sequence. */
  readonly #submitted = new Map<string, Map<number, string>>();
  readonly #ran = new Map<string, Ran>();
  #committedHeight = 0;
  /** Whether some request came in parts, and is not known. */
  #unread = false;

  constructor(options: ClientCommandsOptions) {
    this.#options = options;
  }

  /** A client has sent a request to somebody; null for a part of one, which is not read here. */
  requested(request: ClientRequest | null): void {
    if (request === null) this.#unread = true;
    if (request?.type !== 'submit') return;
    const { client, commands } = request;
    const known = this.#submitted.get(client) ?? new Map<number, string>();
    this.#submitted.set(client, known);
    for (const { sequence, bytes } of commands) known.set(sequence, bytesToHex(bytes));
  }

  /** A correct replica has committed the block at `height`. Each height is looked at once. */
  committed(height: number, body: Uint8Array): void {
    if (height <= this.#committedHeight) return;
    this.#committedHeight = height;
    const { submitted, accuse } = this.#options;
    if (submitted === 'byNobody' || this.#unread) return;
    for (const { client, commands } of decodeBody(body) ?? []) {
      const known = this.#submitted.get(client);
      if (known === undefined && submitted === 'byClientsAndStrangers') continue;
      for (const { sequence, bytes } of commands) {
        if (known?.get(sequence) === bytesToHex(bytes)) continue;
        accuse('S9', `command ${client}/${sequence} of height ${height} is none that its client submitted`);
      }
    }
  }

  /** A correct replica has run a command for the first time. */
  ran(client: string, sequence: number, ran: { readonly height: number; readonly reply: Uint8Array }): void {
    const key = `${client}/${sequence}`;
    if (!this.#ran.has(key)) this.#ran.set(key, { height: ran.height, reply: bytesToHex(ran.reply) });
  }

  /** A correct replica answers a client. */
  answered(replica: number, answer: ClientAnswer): void {
    if (answer.type !== 'replies') return;
    const { client, height, replies } = answer;
    for (const { sequence, reply } of replies) {
      const ran = this.#ran.get(`${client}/${sequence}`);
      const said = bytesToHex(reply);
      if (ran !== undefined && ran.height === height && ran.reply === said) continue;
      const truth = ran === undefined ? 'it has not run' : `it ran at ${ran.height} and answered ${ran.reply}`;
      this.#options.accuse(
        'S10',
        `replica ${replica} tells that command ${client}/${sequence} ran at height ${height} and answered ${said}; ${truth}`,
      );
    }
  }
}
