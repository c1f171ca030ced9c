/** A speculative machine whose blocks are bodies of one size, as many as it was told to build. */
import type { StateMachine } from '../actors/index.js';

/** How many bodies are built where the replica leads, and how large. */
export interface BodyMachineOptions {
  readonly bytes: number;
  readonly bodies: number;
}

/** See `MachineModule`. */
export function createMachine({ bytes, bodies }: BodyMachineOptions): StateMachine<Uint8Array> {
  let built = 0;
  let committed = 0;
  return {
    name: 'bodies',
    initialize: () => undefined,
    propose() {
      if (built >= bodies) return null;
      built += 1;
      const body = new Uint8Array(bytes);
      new DataView(body.buffer).setUint32(0, built);
      return body;
    },
    parse: (body) => body,
    serialize: (body) => body,
    idOf: (body) => body.slice(0, 4),
    execute: () => undefined,
    commit() {
      committed += 1;
    },
    rewind() {
      built = committed;
    },
  };
}
