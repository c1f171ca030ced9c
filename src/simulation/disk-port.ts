/** What a process does with a simulated disk: performs the effects of storage, each after the disk's latency. */
import type { Deliver, Port, PortFactory } from '../runtime/behaviour.js';
import type { StoreEffect, StoreMessage } from '../wire/store.js';
import type { SimulatedDisk } from './disk.js';
import type { SimulatedProcess } from './process.js';

/** The store's port of one life of a replica. */
export function diskPort(disk: SimulatedDisk, process: SimulatedProcess): PortFactory<StoreEffect, StoreMessage> {
  return (deliver) => new DiskPort(disk, process, deliver);
}

class DiskPort implements Port<StoreEffect> {
  readonly #disk: SimulatedDisk;
  readonly #process: SimulatedProcess;
  readonly #deliver: Deliver<StoreMessage>;
  #failed = false;
  #closed = false;

  constructor(disk: SimulatedDisk, process: SimulatedProcess, deliver: Deliver<StoreMessage>) {
    this.#disk = disk;
    this.#process = process;
    this.#deliver = deliver;
  }

  perform(effect: StoreEffect): void {
    if (this.#failed || this.#closed) return;
    if (effect.type === 'writeEntries' || effect.type === 'writeSlot') {
      this.#disk.begin(effect);
      // A crash point may have ended the process.
      if (!this.#process.alive) return;
    }
    this.#process.later(this.#disk.latency(), 'disk', () => this.#happen(effect));
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #happen(effect: StoreEffect): void {
    if (this.#failed || this.#closed) return;
    switch (effect.type) {
      case 'openStore':
        return this.#tell({ type: 'storeOpened', contents: this.#disk.contents() });
      case 'writeEntries':
      case 'writeSlot':
        if (this.#disk.conditions.failing) {
          this.#disk.writesFailed += 1;
          return this.#fail();
        }
        this.#disk.complete(effect);
        return this.#tell({
          type: effect.type === 'writeSlot' ? 'slotWritten' : 'entriesWritten',
          token: effect.token,
        });
      case 'readEntries': {
        const values = effect.keys.map((key) => this.#disk.entries.get(key)?.slice() ?? null);
        return this.#tell({ type: 'entriesRead', token: effect.token, values });
      }
      case 'scanRange':
        return this.#tell({ type: 'rangeScanned', token: effect.token, values: this.#scan(effect) });
    }
  }

  #scan({ from, to, limit, maxBytes }: Extract<StoreEffect, { type: 'scanRange' }>): readonly Uint8Array[] {
    const values: Uint8Array[] = [];
    let bytes = 0;
    for (const [, value] of this.#disk.entries.range(from, to)) {
      if (values.length === limit) break;
      values.push(value.slice());
      bytes += value.length;
      if (bytes >= maxBytes) break;
    }
    return values;
  }

  #fail(): void {
    this.#failed = true;
    this.#tell({ type: 'storeFailed', code: 'STORE_WRITE_FAILED', detail: 'The simulated disk cannot be written.' });
  }

  #tell(message: StoreMessage): void {
    this.#deliver(message);
  }
}
