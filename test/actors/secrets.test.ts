import { serialize } from 'node:v8';
import test from 'ava';
import type { ShareData } from '../../actors/compose-share.js';
import { type Placement, placeActors } from '../../actors/placement.js';
import { shareFor } from '../../actors/start-shares.js';

/** Bytes that stand nowhere else. */
const SECRET = Uint8Array.from({ length: 32 }, (_, index) => 0xc0 ^ (index * 7));
const PLACEMENTS: readonly (Placement | undefined)[] = [
  undefined,
  'inline',
  'threads',
  { consensus: 'a', storage: 'b', network: 'b', gateway: 'c' },
  { storage: 'disk', proposalGenerator: 'machine' },
];

/** Of a replica with the machine in a module, so that any thread may have it. */
function shareOf(placement: Placement | undefined, kind: 'commands' | 'speculative'): ShareData {
  const { roles: placed, machineThread } = placeActors(placement, { kind, machineIsModule: true, actors: {} });
  const keys = { signingSecret: SECRET, credentials: { key: 'a key', certificate: 'a certificate' } };
  return { placed, machineThread, ...keys } as unknown as ShareData;
}

for (const kind of ['commands', 'speculative'] as const) {
  test(`the secret that signs reaches the thread of consensus alone, wherever the actors of ${kind} are`, (t) => {
    for (const placement of PLACEMENTS) {
      const share = shareOf(placement, kind);
      const having = [...share.placed.keys()].filter((thread) => {
        // What crosses, to the last byte: a secret under another name would be found, too.
        return serialize(shareFor(thread, share)).includes(Buffer.from(SECRET));
      });
      const thread = [...share.placed].find(([, roles]) => roles.includes('consensus'))?.[0];
      t.deepEqual(having, [thread], JSON.stringify(placement));
    }
  });
}

test('the keys of the transport reach the threads that have a door alone', (t) => {
  for (const placement of PLACEMENTS) {
    const share = shareOf(placement, 'speculative');
    for (const [thread, roles] of share.placed) {
      const hasDoor = roles.includes('network') || roles.includes('gateway');
      t.is(serialize(shareFor(thread, share)).includes('a key'), hasDoor, `${JSON.stringify(placement)} ${thread}`);
    }
  }
});
