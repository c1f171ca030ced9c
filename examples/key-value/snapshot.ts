/**
 * Snapshots of the key-value machine. The first chunk is the hash of the state (32 bytes); the others hold entries: length
 * of the key (4, big-endian), key, length of the value (4), value. An entry never spans two chunks.
 */
const CHUNK_BYTES = 64 * 1024;
const HASH_BYTES = 32;

/** A state as its snapshot tells it; whoever restores it checks that the hash is that of the values. */
export interface SnapshotContents {
  readonly values: Map<string, string>;
  readonly stateHash: Uint8Array;
}

type Entry = readonly [key: string, value: string];

/** Returns the chunks of a state, made as they are asked for. */
export async function* writeSnapshot(entries: readonly Entry[], stateHash: Uint8Array): AsyncIterable<Uint8Array> {
  yield stateHash;
  let chunk: Entry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    chunk.push(entry);
    bytes += sizeOf(entry);
    if (bytes < CHUNK_BYTES) continue;
    yield encodeEntries(chunk, bytes);
    chunk = [];
    bytes = 0;
  }
  if (bytes > 0) yield encodeEntries(chunk, bytes);
}

/** @throws Error when the chunks are no snapshot. */
export async function readSnapshot(chunks: AsyncIterable<Uint8Array>): Promise<SnapshotContents> {
  const values = new Map<string, string>();
  let stateHash: Uint8Array | null = null;
  for await (const chunk of chunks) {
    if (stateHash === null) stateHash = chunk.slice();
    else decodeEntries(chunk, values);
  }
  if (stateHash?.length !== HASH_BYTES) throw new Error('the snapshot does not begin with a state hash');
  return { values, stateHash };
}

function sizeOf([key, value]: Entry): number {
  return 8 + key.length + value.length;
}

function encodeEntries(entries: readonly Entry[], bytes: number): Uint8Array {
  const buffer = Buffer.alloc(bytes);
  let offset = 0;
  for (const entry of entries) {
    for (const text of entry) {
      offset = buffer.writeUInt32BE(text.length, offset);
      offset += buffer.write(text, offset, 'latin1');
    }
  }
  return new Uint8Array(buffer.buffer, buffer.byteOffset, bytes);
}

function decodeEntries(chunk: Uint8Array, values: Map<string, string>): void {
  const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  let offset = 0;
  const text = (): string => {
    const start = offset + 4;
    const end = start > buffer.length ? start : start + buffer.readUInt32BE(offset);
    if (end > buffer.length) throw new Error('a chunk of the snapshot is cut short');
    offset = end;
    return buffer.toString('latin1', start, end);
  };
  while (offset < buffer.length) {
    const key = text();
    if (values.has(key)) throw new Error('the snapshot names a key twice');
    values.set(key, text());
  }
}
