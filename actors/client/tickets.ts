/** The application's promises, by the tickets under which the client actor knows them. */
import { OperationalError } from '../../src/errors.js';
import type { Height } from '../../src/protocol/numbers.js';
import type { BlockSummary, RefusalReason } from '../../src/wire/client-messages.js';
import type { ClientReport, StatusAnswer } from './messages.js';

/** A committed command: the machine's reply, and the height of the block that holds the command. */
export interface CommandResult {
  readonly result: Uint8Array;
  readonly height: Height;
}

/** A part of one replica's committed log, and how far that replica has committed. */
export interface LogPage {
  readonly blocks: readonly BlockSummary[];
  readonly committedHeight: Height;
}

interface Settler<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** Gives promises under tickets, from 1 upwards, and keeps or breaks each of them once. */
export class Tickets {
  readonly #commands = new Map<number, Settler<CommandResult>>();
  readonly #statuses = new Map<number, Settler<readonly StatusAnswer[]>>();
  readonly #logs = new Map<number, Settler<LogPage>>();
  readonly #evidence = new Map<number, Settler<readonly Uint8Array[]>>();
  #last = 0;

  /** A promise of a command's result; `issue` is told its ticket. */
  command(issue: (ticket: number) => void): Promise<CommandResult> {
    return this.#promise(this.#commands, issue);
  }

  /** A promise of every replica's word about itself; who is silent is no reason to break it. */
  status(issue: (ticket: number) => void): Promise<readonly StatusAnswer[]> {
    return this.#promise(this.#statuses, issue);
  }

  /** A promise of a part of one replica's log. @throws OperationalError `REPLICA_UNREACHABLE`, `REPLICA_UNTRUSTED`. */
  log(issue: (ticket: number) => void): Promise<LogPage> {
    return this.#promise(this.#logs, issue);
  }

  /** A promise of proofs, each as the replica keeps it, not looked at. @throws as {@link log}. */
  evidence(issue: (ticket: number) => void): Promise<readonly Uint8Array[]> {
    return this.#promise(this.#evidence, issue);
  }

  /** Keeps the promises that a report of the actor is about. */
  settle(report: ClientReport): void {
    switch (report.type) {
      case 'answerCommands':
        for (const { ticket, reply } of report.answers) {
          take(this.#commands, ticket)?.resolve({ result: reply, height: report.height });
        }
        return;
      case 'rejectCommand':
        return take(this.#commands, report.ticket)?.reject(refused(report.reason));
      case 'rejectUntrusted': {
        const error = untrusted(report);
        for (const ticket of report.tickets) take(this.#commands, ticket)?.reject(error);
        return;
      }
      case 'answerStatus':
        return take(this.#statuses, report.ticket)?.resolve(report.replicas);
      case 'answerLog':
        return take(this.#logs, report.ticket)?.resolve(report);
      case 'rejectLog':
        return take(this.#logs, report.ticket)?.reject(silent(report));
      case 'answerEvidence':
        return take(this.#evidence, report.ticket)?.resolve(report.proofs);
      case 'rejectEvidence':
        return take(this.#evidence, report.ticket)?.reject(silent(report));
    }
  }

  /** Breaks the promise of one command; false when it was kept already. */
  breakCommand(ticket: number, error: unknown): boolean {
    const settler = take(this.#commands, ticket);
    settler?.reject(error);
    return settler !== undefined;
  }

  /** Breaks all promises that are open; later ones are not. */
  breakAll(error: unknown): void {
    for (const open of [this.#commands, this.#statuses, this.#logs, this.#evidence]) {
      for (const { reject } of open.values()) reject(error);
      open.clear();
    }
  }

  #promise<T>(open: Map<number, Settler<T>>, issue: (ticket: number) => void): Promise<T> {
    this.#last += 1;
    const ticket = this.#last;
    return new Promise((resolve, reject) => {
      open.set(ticket, { resolve, reject });
      issue(ticket);
    });
  }
}

/** Of a command that is too old nobody can say whether it has run: its reply is forgotten, or its number was another's. */
function refused(reason: RefusalReason): OperationalError {
  const message =
    reason === 'sequenceTooOld'
      ? 'the replicas no longer know whether this command has run: it may have, and is not sent again (sequenceTooOld). See by a read'
      : `the replicas do not take this command: ${reason}`;
  return new OperationalError('COMMAND_REFUSED', message, { reason });
}

function silent({ replica, problem }: { readonly replica: number; readonly problem?: string }): OperationalError {
  return problem === undefined
    ? new OperationalError('REPLICA_UNREACHABLE', `replica ${replica} does not answer`, { replica })
    : new OperationalError('REPLICA_UNTRUSTED', problem, { replica });
}

function untrusted({ replicas, problems }: Extract<ClientReport, { type: 'rejectUntrusted' }>): OperationalError {
  const message = `too few replicas are left to prove a reply: ${problems.join('. ')}`;
  return new OperationalError('REPLICA_UNTRUSTED', message, { replicas: replicas.join(', ') });
}

function take<T>(open: Map<number, Settler<T>>, ticket: number): Settler<T> | undefined {
  const settler = open.get(ticket);
  open.delete(ticket);
  return settler;
}
