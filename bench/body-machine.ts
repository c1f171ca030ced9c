/** A speculative machine whose blocks are bodies of one size, as many as it was told to build. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { StateMachine } from '../actors/index.js';

/** How many bodies are built where the replica leads, how large, and after how long a rest each. */
export interface BodyMachineOptions {
  readonly bytes: number;
  readonly bodies: number;
  readonly pauseMs: number;
}

/** A body begins with its number. */
export const NUMBER_BYTES = 4;

/** See `MachineModule`. */
export function createMachine({ bytes, bodies, pauseMs }: BodyMachineOptions): StateMachine<Uint8Array> {
  let last = 0;
  let committed = 0;
  return {
    name: 'bodies',
    initialize: () => undefined,
    async propose() {
      if (last >= bodies) return null;
      if (pauseMs > 0) await sleep(pauseMs);
      last += 1;
      const body = new Uint8Array(bytes);
      new DataView(body.buffer).setUint32(0, last);
      return body;
    },
    parse: (body) => body,
    serialize: (body) => body,
    idOf: (body) => body.slice(0, NUMBER_BYTES),
    execute(body) {
      last = numberOf(body);
    },
    commit(id) {
      committed = numberOf(id);
    },
    rewind() {
      last = committed;
    },
  };
}

function numberOf({ buffer, byteOffset, length }: Uint8Array): number {
  return new DataView(buffer, byteOffset, length).getUint32(0);
}
