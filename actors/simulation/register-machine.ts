/** The state machine that a simulation runs where its user gives none: a few registers of text. */
import { sha256 } from '../../src/crypto/hash.js';
import type { CommandMachine } from '../proposal-generator/command-machine.js';

const text = new TextEncoder();
const fromText = new TextDecoder();

/** `SET k v`, `GET k`, `INCR k` and `APPEND k v`; answers are a text, and `!` for what cannot be done or read. */
export function registerMachine(): CommandMachine {
  // In the order of first use, which is that of the log and is kept by a snapshot.
  const registers = new Map<string, string>();
  /** Of the registers as they are; null while nobody has asked. After each block both its replica and a checker ask. */
  let hash: Uint8Array | null = null;
  return {
    name: 'registers',
    apply: (command) => {
      hash = null;
      return text.encode(answer(registers, fromText.decode(command)));
    },
    stateHash: () => {
      hash ??= sha256(text.encode(JSON.stringify([...registers])));
      return hash.slice();
    },
    async *snapshot() {
      yield text.encode(JSON.stringify([...registers]));
    },
    async restore(chunks) {
      let json = '';
      for await (const chunk of chunks) json += fromText.decode(chunk);
      hash = null;
      registers.clear();
      for (const [key, value] of JSON.parse(json) as [string, string][]) registers.set(key, value);
    },
  };
}

function answer(registers: Map<string, string>, command: string): string {
  const [verb, key = '', ...rest] = command.split(' ');
  const value = rest.join(' ');
  const held = registers.get(key);
  switch (verb) {
    case 'SET':
      registers.set(key, value);
      return 'OK';
    case 'GET':
      return held ?? '-';
    case 'INCR': {
      const next = Number(held ?? '0') + 1;
      if (!Number.isSafeInteger(next)) return '!';
      registers.set(key, String(next));
      return String(next);
    }
    case 'APPEND':
      registers.set(key, (held ?? '') + value);
      return String(text.encode((held ?? '') + value).length);
    default:
      return '!';
  }
}
