/** Drives one proposal generator by hand, its effects sorted by whom they go to. */

import type { MachineEffect, ProposalGeneratorMessage } from '../../actors/proposal-generator/messages.js';
import type { ProposalGeneratorLimits } from '../../actors/proposal-generator/options.js';
import type { ProposalGenerator } from '../../actors/proposal-generator/proposal-generator.js';
import { DEFAULT_SPECULATION, type SpeculationOptions } from '../../actors/proposal-generator/speculation-options.js';
import type { ProposalGeneratorEffect } from '../../actors/roles.js';
import { type ChartOf, compile } from '../../machines/index.js';
import { proposalGeneratorMachine } from '../../machines/proposal-generator.machine.js';
import { silentLogger } from '../../src/logger.js';
import { asHeight, asReplicaId, asTenure, asView, type BlockHash } from '../../src/protocol/numbers.js';
import type { Block } from '../../src/protocol/types.js';
import type { CommandBatch } from '../../src/wire/peer-messages.js';
import { createProposalGenerator } from './actors.js';
import { commandsIn, GENESIS, namesOf } from './command-blocks.js';

export const testLimits: ProposalGeneratorLimits = {
  commandBytes: 100,
  poolCommands: 100,
  poolBytes: 10_000,
  poolClients: 50,
  peerPoolCommands: 20,
  peerPoolBytes: 4_000,
  forwardedShare: 0.5,
  forwardBytes: 1_000,
  forwardWindow: { messages: 10, commands: 1_000, bytes: 100_000 },
  forwardAgainMs: 2_000,
  stoppingCallMs: 10_000,
  peerCreditWindowMs: 50,
  bodyBytes: 1_000_000,
  bodyCommands: 1_000,
  executionBacklogBlocks: 10,
  executionBacklogBytes: 100_000,
  sessions: 16,
  sessionWindow: 1024,
  sessionReplyBytes: 10_000,
  sessionTableBytes: 100_000,
};

export interface HarnessOptions {
  readonly chart?: ChartOf<typeof proposalGeneratorMachine>;
  readonly limits?: Partial<ProposalGeneratorLimits>;
  readonly batch?: { readonly commands?: number; readonly bytes?: number; readonly ms?: number };
  readonly validate?: (command: Uint8Array) => boolean;
  /** Of a speculative machine, in tenures of 1000 views: a buffer of 3, filled up at once. */
  readonly speculation?: Partial<SpeculationOptions & { readonly tenureLength: number }>;
}

type SendTo<Role extends string> = Extract<
  ProposalGeneratorEffect,
  { readonly type: 'send'; readonly to: Role }
>['message'];

/** Replica 0 of four. `effects` holds what came of the last message. */
export class GeneratorHarness {
  readonly generator: ProposalGenerator;
  effects: readonly ProposalGeneratorEffect[] = [];
  now = 0;
  #view = 0;

  constructor({ chart = compile(proposalGeneratorMachine), limits, batch, speculation, ...rest }: HarnessOptions = {}) {
    this.generator = createProposalGenerator(
      {
        id: asReplicaId(0),
        replicas: 4,
        limits: { ...testLimits, ...limits },
        batch: { commands: 10, bytes: 2_000, ms: 0, ...batch },
        log: silentLogger,
        ...(speculation === undefined
          ? {}
          : { speculation: { ...DEFAULT_SPECULATION, tenureLength: 1000, ...speculation } }),
        ...rest,
      },
      chart,
    );
  }

  /** A generator whose machine stands at height 0, following replica 1 or leading. */
  static ready(options: HarnessOptions & { readonly leading: boolean }): GeneratorHarness {
    const harness = new GeneratorHarness(options);
    harness.tell({ type: 'logRecovered', committedHeight: asHeight(0) });
    harness.tell({ type: 'machineInitialized', height: asHeight(0) });
    harness.lead(options.leading);
    return harness;
  }

  tell(message: ProposalGeneratorMessage): readonly ProposalGeneratorEffect[] {
    this.effects = this.generator.receive(message, { now: this.now });
    return this.effects;
  }

  lead(leading: boolean, leader = leading ? 0 : 1): void {
    const place = { tenure: asTenure(1), view: asView(this.#view), uncommitted: [] };
    this.tell({ type: 'leaderChanged', leader: asReplicaId(leader), leading, ...place });
  }

  submit(batch: CommandBatch, address = '127.0.0.1'): void {
    this.tell({ type: 'commandsReceived', batch, address });
  }

  /** Asks for a body on `parent`; the commands of the answer, null when it is held back. */
  want(parent: BlockHash = GENESIS, uncommitted: readonly BlockHash[] = []): readonly string[] | null {
    this.#view += 1;
    this.tell({ type: 'bodyWanted', view: asView(this.#view), parent, uncommitted });
    return this.body();
  }

  /** The commands of the body in the last effects; null when there is none. */
  body(): readonly string[] | null {
    const [answer] = this.sent('consensus').filter((message) => message.type === 'bodyReady');
    return answer === undefined ? null : commandsIn(answer.body);
  }

  get view(): number {
    return this.#view;
  }

  /** Commits a block and answers for the machine that every command was done. */
  commit(block: Block, replies: readonly CommandBatch[]): void {
    this.tell({ type: 'blocksCommitted', blocks: [block] });
    this.executed(block, replies);
  }

  executed(block: Block, replies: readonly CommandBatch[]): void {
    this.tell({
      type: 'blockExecuted',
      height: block.header.height,
      replies: replies.map(({ client, commands }) => ({
        client,
        replies: commands.map(({ sequence }) => ({ sequence, reply: new TextEncoder().encode(`did ${sequence}`) })),
      })),
      repeated: [],
      refused: [],
    });
  }

  /** The messages of the last effects to one role. */
  sent<Role extends 'consensus' | 'gateway' | 'network' | 'pacemaker' | 'proposalGenerator' | 'replica'>(
    role: Role,
  ): readonly SendTo<Role>[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'send' && effect.to === role ? [effect.message as SendTo<Role>] : [],
    );
  }

  machineCalls(): readonly MachineEffect[] {
    return this.effects.flatMap((effect) =>
      effect.type === 'send' || effect.type === 'startTimer' || effect.type === 'cancelTimer' ? [] : [effect],
    );
  }

  /** Performs what is due to itself; the commands forwarded then, a list a message. */
  forwarded(): readonly { readonly to: number; readonly commands: readonly string[] }[] {
    if (!this.sent('proposalGenerator').some(({ type }) => type === 'forwardDue')) return [];
    this.tell({ type: 'forwardDue' });
    return this.sent('network').flatMap((message) =>
      message.type === 'sendTo' && message.message.type === 'commands'
        ? [{ to: message.to, commands: namesOf(message.message.batches) }]
        : [],
    );
  }
}
