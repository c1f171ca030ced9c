/** Holds what goes on between clients and replicas to S9, S10 and L6: what was submitted, committed and answered, and how often. */
import type { ClientId, Height, Sequence } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { SimulationCase } from '../../src/simulation/case.js';
import { ClientCommandsChecker } from '../../src/simulation/checkers/client-commands.js';
import { ClientLoadChecker } from '../../src/simulation/checkers/client-load.js';
import type { ObservedFrame } from '../../src/simulation/connection.js';
import type { Accuse } from '../../src/simulation/violation.js';
import { decodeClientAnswer, decodeClientRequest } from '../../src/wire/client-codec.js';
import { decodeFrame } from '../../src/wire/frames.js';
import { INVENTING } from './liars/strategies.js';

type WatchedCase = Pick<SimulationCase, 'replicas' | 'liars' | 'clients' | 'baseTimeoutMs'>;

/** Tells the checker of commands what clients ask, and what correct replicas commit, run and answer. */
export class ClientChecks {
  readonly #replicas: number;
  readonly #commands: ClientCommandsChecker;
  readonly #load: ClientLoadChecker;

  constructor(watched: WatchedCase, accuse: Accuse) {
    const { replicas, baseTimeoutMs, liars } = watched;
    const lying = new Set(liars.map(({ replica }) => replica));
    this.#replicas = replicas;
    this.#load = new ClientLoadChecker({ replicas, baseTimeoutMs, isHonest: (id) => !lying.has(id), accuse });
    this.#commands = new ClientCommandsChecker({ submitted: submittersOf(watched), accuse });
  }

  committed(blocks: readonly Block[]): void {
    for (const { header, body } of blocks) this.#commands.committed(header.height, body);
  }

  /** A command ran on a correct replica. */
  ran(client: ClientId, sequence: Sequence, outcome: { readonly height: Height; readonly reply: Uint8Array }): void {
    this.#commands.ran(client, sequence, outcome);
  }

  /** A frame between a client, whose node is behind those of the replicas, and a replica; what liars answer is not judged. */
  sent({ from, to, frame }: ObservedFrame, isHonest: boolean, now: number): void {
    const isReplica = from < this.#replicas;
    if (isReplica && !isHonest) return;
    const decoded = decodeFrame(frame);
    if (!decoded.ok) return;
    if (decoded.kind === 'fragment' && !isReplica) this.#commands.requested(null);
    if (decoded.kind !== 'message') return;
    if (isReplica) {
      const decoding = decodeClientAnswer(decoded.payload);
      if (decoding.ok) this.#commands.answered(from, decoding.message);
    } else {
      const decoding = decodeClientRequest(decoded.payload);
      if (!decoding.ok) return;
      this.#commands.requested(decoding.message);
      this.#load.requested(to, decoding.message, now);
    }
  }
}

/** Whose commands may be committed. */
function submittersOf({ clients, liars }: WatchedCase) {
  if (clients === 0) return 'byNobody';
  const inventing = liars.some(({ strategies }) => strategies.some((strategy) => INVENTING.has(strategy)));
  return inventing ? 'byClientsAndStrangers' : 'byClients';
}
