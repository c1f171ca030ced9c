/** A storage actor on the real disk, and a directory for it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { StorageActorEffect } from '../../actors/roles.js';
import type { PersistRequest, StorageMessage } from '../../actors/storage/messages.js';
import { createStorage } from '../../actors/storage/storage.js';
import { createStore } from '../../src/adapters/create-store.js';
import { type LevelStore, levelStore } from '../../src/adapters/level-store.js';
import { limits } from '../../src/config/limits.js';
import { silentLogger } from '../../src/logger.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import type { Port } from '../../src/runtime/behaviour.js';
import type { StoreEffect } from '../../src/wire/store.js';
import { CLUSTER_ID } from './chain.js';
import { persistRequest } from './persist-request.js';

/** Whose store it is. */
export const IDENTITY = { clusterId: CLUSTER_ID, replica: asReplicaId(0) };

/** A data directory with an empty store; removed after the test. */
export async function newStore(t: ExecutionContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'hotstuff store '));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  await createStore(directory, IDENTITY);
  return directory;
}

type Told = Extract<StorageActorEffect, { type: 'send' }>['message'];

/** A storage actor on the real disk. */
export class RealLife {
  readonly store: LevelStore;
  readonly told: Told[] = [];
  readonly #port: Port<StoreEffect>;
  readonly #behaviour;
  #waiting: (() => void)[] = [];

  constructor(directory: string, id = 0) {
    this.#behaviour = createStorage({
      clusterId: CLUSTER_ID,
      id: asReplicaId(id),
      machine: null,
      limits,
      log: silentLogger,
    });
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
    this.tell({ type: 'persist', request: persistRequest(number, request) });
    while (!this.told.some((message) => message.type === 'writesDurable' && message.number >= number)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  close(): Promise<void> {
    return this.#port.close();
  }
}
