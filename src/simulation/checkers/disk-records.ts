/** The safety records that a simulated disk holds, as they are. */
import type { SafetyRecord } from '../../protocol/types.js';
import { decodeSafetyCopy } from '../../wire/safety-copy.js';
import { RECORD_KEY } from '../../wire/store-layout.js';
import type { SimulatedDisk } from '../disk.js';

/** Those of all copies that can be read. */
export function recordsOn(disk: SimulatedDisk): readonly SafetyRecord[] {
  const known = found.get(disk);
  if (known?.version === disk.version) return known.records;
  const records = readAll(disk);
  found.set(disk, { version: disk.version, records });
  return records;
}

/** What was found on a disk, while nothing is written to it. */
const found = new WeakMap<SimulatedDisk, { readonly version: number; readonly records: readonly SafetyRecord[] }>();

function readAll(disk: SimulatedDisk): readonly SafetyRecord[] {
  return [disk.entries.get(RECORD_KEY) ?? null, ...disk.slots].flatMap((bytes) => {
    const record = bytes === null ? null : recordIn(bytes);
    return record === null ? [] : [record];
  });
}

/** What each copy that was written says: the same bytes stand in several places, and are read once. */
const read = new WeakMap<Uint8Array, SafetyRecord | null>();

function recordIn(bytes: Uint8Array): SafetyRecord | null {
  const known = read.get(bytes);
  if (known !== undefined) return known;
  const record = decodeSafetyCopy(bytes)?.record ?? null;
  read.set(bytes, record);
  return record;
}
