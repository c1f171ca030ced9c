import test from 'ava';
import { createSessionQuota } from '../../actors/session-quota.js';
import { limits } from '../../src/config/limits.js';
import { asClientId } from '../../src/protocol/numbers.js';

const windowMs = limits.sessionQuotaWindowMs;
const idOf = (index: number) => asClientId(index.toString(16).padStart(32, '0'));

function ofGateway() {
  const { addressSessions, gatewaySessions } = limits;
  const bounds = { ofSource: addressSessions, ofAll: gatewaySessions, known: gatewaySessions, windowMs };
  const quota = createSessionQuota(bounds);
  let invented = 1_000_000;
  return {
    admits: (source: string, index: number, now: number) => quota.admits(source, idOf(index), now),
    /** How many of `count` ids that nobody has had are let in. */
    flood(source: string, count: number, now: number): number {
      let taken = 0;
      for (const end = invented + count; invented < end; invented += 1)
        if (quota.admits(source, idOf(invented), now)) taken += 1;
      return taken;
    },
  };
}

test('four addresses that bring all they may keep neither a known nor a new client of another one out', (t) => {
  const { admits, flood } = ofGateway();
  t.true(admits('alice', 1, 0));
  for (let minute = 1; minute <= 10; minute += 1) {
    const now = minute * windowMs;
    const taken = [1, 2, 3, 4].map((host) => flood(`mallory ${host}`, 2 * limits.addressSessions, now));
    t.deepEqual(taken, [1024, 1024, 1024, 16]);
    t.true(admits('alice', 1, now + 1));
    for (let client = 2; client <= 17; client += 1) t.true(admits(`newcomer ${minute}`, client, now + 2), `${client}`);
    t.false(admits(`newcomer ${minute}`, 18, now + 2), 'beyond the part of all that is few');
  }
});

test('a known client is let in where all that may be new has come, as long as it comes in each window', (t) => {
  const { admits, flood } = ofGateway();
  t.true(admits('alice', 1, 0));
  for (let minute = 1; minute <= 3; minute += 1) {
    const now = minute * windowMs;
    for (let host = 0; host < 400; host += 1) flood(`mallory ${minute} ${host}`, 16, now);
    t.is(flood('nobody', 1, now), 0);
    t.true(admits('alice', 1, now));
    t.false(admits('bob', 1, now), 'known is an id at its address');
  }
  for (const minute of [5, 6])
    for (let host = 0; host < 400; host += 1) flood(`mallory ${minute} ${host}`, 16, minute * windowMs);
  t.false(admits('alice', 1, 6 * windowMs));
});

test('one address has as many known ids as it may bring new ones, and no more', (t) => {
  const { admits, flood } = ofGateway();
  const now = (minute: number) => minute * windowMs;
  for (let index = 0; index < 1024; index += 1) t.true(admits('router', index, 0));
  for (let index = 0; index < 1024; index += 1) t.true(admits('router', index, now(1)));
  t.is(flood('router', 2000, now(1)), 1024);
  for (let index = 0; index < 1024; index += 1)
    t.true(admits('router', index, now(2)), 'those that were known stay so');
  t.is(flood('router', 2000, now(2)), 1024);
});
