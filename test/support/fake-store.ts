/** A disk in memory behind the storage behaviour: what is asked for waits until the test lets it happen. */

import type { StorageActorEffect } from '../../actors/roles.js';
import type { PersistRequest, StorageEffect, StorageMessage, StoreContents } from '../../actors/storage/messages.js';
import type { StorageLimits, StorageOptions } from '../../actors/storage/storage.js';
import { limits } from '../../src/config/limits.js';
import { silentLogger } from '../../src/logger.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import { encodeSafetyCopy } from '../../src/wire/safety-copy.js';
import { wholeValue } from '../../src/wire/store.js';
import { encodeCount, encodeMeta, META_KEY, RECORD_KEY, WRITTEN_KEY } from '../../src/wire/store-layout.js';
import { createStorage } from './actors.js';
import { CLUSTER_ID } from './chain.js';
import { persistRequest } from './persist-request.js';

type Sent = Extract<StorageActorEffect, { type: 'send' }>;
type Runtime = 'send' | 'startTimer' | 'cancelTimer';

const isPortEffect = (effect: StorageActorEffect): effect is StorageEffect =>
  !(['send', 'startTimer', 'cancelTimer'] as readonly Runtime[]).includes(effect.type as Runtime);

/** What a disk holds; survives the lives of the replicas on it. */
export class FakeDisk {
  readonly entries = new Map<string, Uint8Array>();
  readonly slots: [Uint8Array | null, Uint8Array | null];

  constructor(identity = { clusterId: CLUSTER_ID, replica: asReplicaId(0) }) {
    const copy = encodeSafetyCopy({ identity, batch: 0, record: null });
    this.entries.set(META_KEY, encodeMeta(identity)).set(WRITTEN_KEY, encodeCount(0)).set(RECORD_KEY, copy);
    this.slots = [copy, copy];
  }

  contents(): StoreContents {
    return { slots: [...this.slots], entries: [...this.entries].map(([key, value]) => ({ key, value })) };
  }
}

export interface StorageLifeOptions extends Partial<Omit<StorageOptions, 'limits'>> {
  readonly limits?: Partial<StorageLimits>;
}

/** One life of a storage actor on a disk. */
export class StorageLife {
  readonly sent: Sent[] = [];
  readonly timers: string[] = [];
  readonly warnings: string[] = [];
  /** Asked for and not done. */
  readonly asked: StorageEffect[] = [];
  readonly #behaviour;
  readonly #disk: FakeDisk;

  constructor(disk: FakeDisk, options: StorageLifeOptions = {}) {
    this.#disk = disk;
    this.#behaviour = createStorage({
      clusterId: CLUSTER_ID,
      id: asReplicaId(0),
      machine: null,
      log: { ...silentLogger, warn: (event, facts) => this.warnings.push(`${event}: ${facts?.found}`) },
      ...options,
      limits: { ...limits, ...options.limits },
    });
  }

  tell(message: StorageMessage): this {
    for (const effect of this.#behaviour.receive(message, { now: 0 })) {
      if (isPortEffect(effect)) this.asked.push(effect);
      else if (effect.type === 'send') this.sent.push(effect);
      else this.timers.push(effect.type);
    }
    return this;
  }

  open(): this {
    return this.tell({ type: 'openStore' }).doAll();
  }

  persist(number: number, request: Partial<PersistRequest> = {}): this {
    return this.tell({ type: 'persist', request: persistRequest(number, request) });
  }

  /** Does the oldest thing asked for of one type. */
  do(type: StorageEffect['type']): this {
    const index = this.asked.findIndex((effect) => effect.type === type);
    const effect = index < 0 ? undefined : this.asked.splice(index, 1)[0];
    if (effect === undefined) throw new Error(`nobody asked for ${type}`);
    return this.tell(this.#perform(effect));
  }

  /** Does the oldest thing asked for, if there is one. */
  doNext(): this {
    const [effect] = this.asked;
    return effect === undefined ? this : this.do(effect.type);
  }

  /** A crash in the middle of writing a slot: half of the copy is there, over what was there before. */
  tear(): void {
    for (const effect of this.asked) {
      if (effect.type !== 'writeSlot') continue;
      const before = this.#disk.slots[effect.slot] ?? new Uint8Array(0);
      const half = effect.bytes.length >> 1;
      const torn = new Uint8Array(Math.max(before.length, half));
      torn.set(before);
      torn.set(effect.bytes.subarray(0, half));
      this.#disk.slots[effect.slot] = torn;
    }
  }

  /** Does whatever is asked for until nothing is. */
  doAll(): this {
    for (let done = 0; this.asked.length > 0; done++) {
      if (done === 1000) throw new Error('the store never comes to rest');
      this.doNext();
    }
    return this;
  }

  /** Numbers reported durable. */
  get durable(): readonly number[] {
    return this.sent.flatMap(({ message }) => (message.type === 'writesDurable' ? [message.number] : []));
  }

  /** What was sent of one type. */
  told<Type extends Sent['message']['type']>(type: Type): readonly Extract<Sent['message'], { type: Type }>[] {
    return this.sent.flatMap(({ message }) =>
      message.type === type ? [message as Extract<Sent['message'], { type: Type }>] : [],
    );
  }

  #perform(effect: StorageEffect): StorageMessage {
    switch (effect.type) {
      case 'openStore':
        return { type: 'storeOpened', contents: this.#disk.contents() };
      case 'writeEntries':
        for (const entry of effect.entries) this.#disk.entries.set(entry.key, wholeValue(entry));
        for (const key of effect.deletes) this.#disk.entries.delete(key);
        return { type: 'entriesWritten', token: effect.token };
      case 'writeSlot':
        this.#disk.slots[effect.slot] = effect.bytes;
        return { type: 'slotWritten', token: effect.token };
      case 'readEntries': {
        const values = effect.keys.map((key) => this.#disk.entries.get(key) ?? null);
        return { type: 'entriesRead', token: effect.token, values };
      }
      case 'scanRange':
        return { type: 'rangeScanned', token: effect.token, values: this.#scan(effect) };
    }
  }

  #scan({ from, to, limit, maxBytes }: Extract<StorageEffect, { type: 'scanRange' }>): readonly Uint8Array[] {
    const found = [...this.#disk.entries]
      .filter(([key]) => key >= from && key < to)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const values: Uint8Array[] = [];
    let bytes = 0;
    for (const [, value] of found.slice(0, limit)) {
      values.push(value);
      bytes += value.length;
      if (bytes >= maxBytes) break;
    }
    return values;
  }
}
