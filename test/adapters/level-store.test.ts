import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { StorageActorEffect } from '../../actors/roles.js';
import type { PersistRequest, StorageMessage } from '../../actors/storage/messages.js';
import { createStorage } from '../../actors/storage/storage.js';
import { openCommittedLog } from '../../src/adapters/committed-log.js';
import { createStore } from '../../src/adapters/create-store.js';
import { type LevelStore, levelStore } from '../../src/adapters/level-store.js';
import { asHeight, asReplicaId } from '../../src/protocol/numbers.js';
import type { Port } from '../../src/runtime/behaviour.js';
import type { StoreEffect } from '../../src/wire/store.js';
import { placeOf } from '../../src/wire/store-layout.js';
import { at, CLUSTER_ID, chainOf, recordOf } from '../support/chain.js';

const IDENTITY = { clusterId: CLUSTER_ID, replica: asReplicaId(0) };

/** A data directory with an empty store; removed after the test. */
async function newStore(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hotstuff store '));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  await createStore(directory, IDENTITY);
  return directory;
}

type Told = Extract<StorageActorEffect, { type: 'send' }>['message'];

/** A storage actor on the real disk. */
class RealLife {
  readonly store: LevelStore;
  readonly told: Told[] = [];
  readonly #port: Port<StoreEffect>;
  readonly #behaviour;
  #waiting: (() => void)[] = [];

  constructor(directory: string, id = 0) {
    this.#behaviour = createStorage({ clusterId: CLUSTER_ID, id: asReplicaId(id) });
    this.store = levelStore({ directory, clusterId: CLUSTER_ID, uncommittedMax: 100 });
    this.#port = this.store.port((message) => {
      this.tell(message);
      return true;
    });
  }

  tell(message: StorageMessage): void {
    for (const effect of this.#behaviour.receive(message, { now: 0 })) {
      if (effect.type === 'send') this.told.push(effect.message);
      else if (effect.type === 'startTimer') queueMicrotask(() => this.tell(effect.message));
      else if (effect.type !== 'cancelTimer') this.#port.perform(effect);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const check of waiting) check();
  }

  /** The first message of one of these types that was or will be told. */
  async heard<Type extends Told['type']>(...types: readonly Type[]): Promise<Extract<Told, { type: Type }>> {
    for (;;) {
      const found = this.told.find((message) => (types as readonly string[]).includes(message.type));
      if (found !== undefined) return found as Extract<Told, { type: Type }>;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async open() {
    this.tell({ type: 'openStore' });
    return this.heard('recovered', 'operationFailed');
  }

  async persist(number: number, request: Partial<PersistRequest>): Promise<void> {
    this.tell({ type: 'persist', request: { number, safety: null, blocks: [], committed: [], ...request } });
    while (!this.told.some((message) => message.type === 'writesDurable' && message.number >= number)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(): Promise<void> {
    return this.#port.close();
  }
}

test('what was reported durable is there after a restart', async (t) => {
  const directory = await newStore(t);
  const chain = chainOf(6);
  const life = new RealLife(directory);
  t.like(await life.open(), { type: 'recovered', store: { record: null, uncommitted: [] } });
  await life.persist(1, { safety: recordOf(1, 64), blocks: chain });
  await life.persist(2, { safety: recordOf(2, 64, at(chain, 4)), committed: chain.slice(0, 3).map(placeOf) });
  const log = await life.store.committedLog();
  t.is(log.committedHeight, asHeight(3));
  await life.close();

  const again = new RealLife(directory);
  const recovered = await again.open();
  await again.close();
  if (recovered.type !== 'recovered') return t.fail(recovered.detail);
  t.deepEqual(recovered.store.record, recordOf(2, 64, at(chain, 4)));
  t.deepEqual(recovered.store.committed, chain[2]);
  t.deepEqual(recovered.store.uncommitted, chain.slice(3));

  await using stopped = await openCommittedLog(directory, CLUSTER_ID);
  const blocks = [];
  for await (const block of stopped.blocks(asHeight(2))) blocks.push(block);
  t.deepEqual(blocks, chain.slice(1, 3));
  t.deepEqual(await stopped.loadBlock(at(chain, 0).hash), chain[0]);
  t.is(await stopped.loadBlock(at(chain, 4).hash), null);
});
