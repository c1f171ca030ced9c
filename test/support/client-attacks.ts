/** What a hostile client sends: each attack gives frames without end, every one of them well-formed. */
import { randomBytes } from 'node:crypto';
import { limits } from '../../src/config/limits.js';
import { asClientId, asHeight, asSequence, type ClientId } from '../../src/protocol/numbers.js';
import { encodeClientRequest } from '../../src/wire/client-codec.js';
import type { ClientAnswer, ClientRequest } from '../../src/wire/client-messages.js';
import { framesOf } from '../../src/wire/fragments.js';
import { encodeFrame } from '../../src/wire/frames.js';

export interface ClientAttack {
  /** The next frames to send; none for now when it waits for answers. */
  next(): readonly Uint8Array[];
  /** It reads what it is answered. */
  hears?(answer: ClientAnswer): void;
  /** It never reads. */
  readonly deaf?: boolean;
}

/** `GET b` of the key-value machine; any other machine takes it too. */
const COMMAND = Uint8Array.of(1, 0, 1, 98);
/** How often the same commands are asked after before others are sent. */
const TIMES_ASKED = 100;
/** Sessions of one connection, far below what it may attach. */
const SESSIONS = 16;

const someSession = (): ClientId => asClientId(randomBytes(16).toString('hex'));
let messages = 0;
const framed = (request: ClientRequest): readonly Uint8Array[] => {
  messages += 1;
  return [...framesOf(messages, encodeClientRequest(request))];
};
const submit = (client: ClientId, first: number, count: number, bytes = COMMAND): ClientRequest => ({
  type: 'submit',
  client,
  commands: Array.from({ length: count }, (_, index) => ({ sequence: asSequence(first + index), bytes })),
});
const again = (frames: readonly Uint8Array[]): ClientAttack => ({ next: () => frames });

export type ClientAttackKind =
  | 'asksAgain'
  | 'asksLate'
  | 'newCommands'
  | 'asksStatus'
  | 'asksLog'
  | 'deaf'
  | 'largeCommands'
  | 'keepalives';

export const clientAttacks: Readonly<Record<ClientAttackKind, () => ClientAttack>> = {
  /** Asks a hundred times after each command while it waits. */
  asksAgain: () => {
    const session = someSession();
    let asked = 0;
    let frames: readonly Uint8Array[] = [];
    return {
      next() {
        const lot = Math.floor(asked / TIMES_ASKED);
        if (asked % TIMES_ASKED === 0)
          frames = framed(submit(session, lot * limits.sessionWindow + 1, limits.sessionWindow));
        asked += 1;
        return frames;
      },
    };
  },
  /** Asks for ever after commands that were executed long ago. */
  asksLate: () => again(framed(submit(someSession(), 1, limits.sessionWindow))),
  /** New commands, as many as the windows of its sessions hold: all of them are executed. */
  newCommands: () => {
    const sessions = new Map(Array.from({ length: SESSIONS }, () => [someSession(), { next: 1, open: 0 }]));
    const lot = limits.sessionWindow / 4;
    return {
      next() {
        for (const [client, session] of sessions) {
          if (session.open + lot > limits.sessionWindow) continue;
          const first = session.next;
          session.open += lot;
          session.next += lot;
          return framed(submit(client, first, lot));
        }
        return [];
      },
      hears(answer) {
        if (answer.type !== 'replies' && answer.type !== 'refused') return;
        const session = sessions.get(answer.client);
        if (session === undefined) return;
        session.open -= answer.type === 'replies' ? answer.replies.length : answer.sequences.length;
      },
    };
  },
  asksStatus: () => again(framed({ type: 'status', token: 1 })),
  asksLog: () => again(framed({ type: 'log', token: 1, fromHeight: asHeight(1), maxBlocks: limits.logBlocks })),
  /** Asks for much and never reads it. */
  deaf: () => ({ ...clientAttacks.asksLog(), deaf: true }),
  /** Commands beyond the size of one. */
  largeCommands: () => again(framed(submit(someSession(), 1, 3, new Uint8Array(limits.commandBytes + 1)))),
  keepalives: () => again([encodeFrame('keepalive')]),
};
