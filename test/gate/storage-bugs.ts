import type { PlantedBug } from './planted-bug.js';

const STORAGE = 'actors/storage/storage';
const RECOVERY = 'actors/storage/recovery';

/** What storage must not report, lose or believe. */
export const storageBugs: readonly PlantedBug[] = [
  {
    bug: 'writes are reported durable before the slot is written',
    file: 'actors/storage/storage',
    find: 'if (inFlight.entriesDue || inFlight.slotsDue.length > 0)',
    replace: 'if (inFlight.entriesDue)',
    caughtBy: STORAGE,
  },
  {
    bug: 'writes are reported durable before the database has them',
    file: 'actors/storage/storage',
    find: 'if (inFlight.entriesDue || inFlight.slotsDue.length > 0)',
    replace: 'if (inFlight.slotsDue.length > 0)',
    caughtBy: STORAGE,
  },
  {
    bug: 'a stop begins a second batch before the first is in both places',
    file: 'actors/storage/storage',
    find: 'if (store.inFlight !== null || store.gathered.empty)',
    replace: 'if (store.gathered.empty)',
    caughtBy: STORAGE,
  },
  {
    bug: 'the newest slot is written over',
    file: 'actors/storage/storage',
    find: 'store.nextSlot = other;',
    replace: '',
    caughtBy: STORAGE,
  },
  {
    bug: 'a lowered bound goes to one slot only',
    file: 'actors/storage/storage',
    find: 'return [first, other];',
    replace: 'return [first];',
    caughtBy: STORAGE,
  },
  {
    bug: 'a failed write is survived',
    file: 'actors/storage/storage',
    find: "this.#phase = 'failed';",
    replace: '',
    caughtBy: STORAGE,
  },
  {
    bug: 'the first record of a batch counts, not the last',
    file: 'actors/storage/group-commit',
    find: 'this.#safety = request.safety;',
    replace: 'this.#safety ??= request.safety;',
    caughtBy: STORAGE,
  },
  {
    bug: 'a safety record rests with the blocks',
    file: 'actors/storage/storage',
    find: 'if (gathered.urgent || ',
    replace: 'if (',
    caughtBy: STORAGE,
  },
  {
    bug: 'abandoned blocks stay on the disk',
    file: 'actors/storage/group-commit',
    find: 'this.#deletes.push(...keysOf(abandoned));',
    replace: 'void abandoned;',
    caughtBy: STORAGE,
  },
  {
    bug: 'the database is not synced',
    file: 'src/adapters/level-store',
    find: "{ sync: this.#options.durability !== 'volatile' }",
    replace: '{ sync: false }',
    caughtBy: 'adapters/level-store',
    match: 'what is reported durable*',
  },
  {
    bug: 'the weaker bound of two copies counts',
    file: 'src/protocol/safety-record',
    find: 'Math.max(newer.bound, older.bound)',
    replace: 'Math.min(newer.bound, older.bound)',
    caughtBy: RECOVERY,
  },
  {
    bug: 'the entry of a record is lost between two copies',
    file: 'src/protocol/safety-record',
    find: 'return newer ?? older;',
    replace: 'return newer;',
    caughtBy: 'protocol/safety-record',
  },
  {
    bug: 'a database that lost its last batches is believed',
    file: 'actors/storage/recovery',
    find: 'if (newest <= written + 1)',
    replace: 'if (true)',
    caughtBy: RECOVERY,
  },
  {
    bug: 'without any copy of the record a replica starts anew',
    file: 'actors/storage/recovery',
    find: 'if (copies.length === 0)',
    replace: 'if (false)',
    caughtBy: RECOVERY,
  },
  {
    bug: 'a high QC whose block is on no disk is taken over',
    file: 'actors/storage/recovered-record',
    find: "qcs.filter((qc) => standing(qc, blocks) === 'held')",
    replace: 'qcs.filter(() => true)',
    caughtBy: RECOVERY,
  },
];
