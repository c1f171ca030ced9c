import type { ClientId } from '../../../src/protocol/numbers.js';
import { decodeBody, encodeBody } from '../../../src/wire/command-batch.js';
import type { Liar } from './liar.js';
import { otherBodies } from './other-bodies.js';

/** Whom each liar leaves out: the first client that it hears of, for good. */
const victims = new WeakMap<Liar, ClientId>();

/** A leader that leaves the commands of one client out of its blocks. */
export const censorship = otherBodies((liar, { body }) => {
  const batches = body.length === 0 ? null : decodeBody(body);
  const first = batches?.[0];
  if (batches === null || first === undefined) return null;
  const victim = victims.get(liar) ?? first.client;
  victims.set(liar, victim);
  const others = batches.filter(({ client }) => client !== victim);
  return others.length === batches.length ? null : encodeBody(others);
});
