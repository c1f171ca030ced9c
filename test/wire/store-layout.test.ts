import test from 'ava';
import { asHeight, NUMBER_MAX } from '../../src/protocol/numbers.js';
import {
  type BlockPlace,
  blockKey,
  decodeTip,
  encodeTip,
  parseBlockKey,
  parsePartKey,
  partKeys,
} from '../../src/wire/store-layout.js';
import { GENESIS } from '../support/chain.js';

const at = (height: number): BlockPlace => ({ height: asHeight(height), hash: GENESIS.hash });

/** Each way in which a store names a place, and how it is read. */
const NAMES = {
  'a key of a block': (place: BlockPlace) => parseBlockKey(blockKey(place)),
  'a key of a part': (place: BlockPlace) => parsePartKey(partKeys(place, 1)[0] as string),
  'a value of tip': (place: BlockPlace) => decodeTip(encodeTip(place)),
};

for (const [name, read] of Object.entries(NAMES)) {
  test(`${name} names a place up to the largest height, and none above it`, (t) => {
    for (const height of [0, 1, NUMBER_MAX]) t.deepEqual(read(at(height)), at(height));
    for (const height of [NUMBER_MAX + 1, 9_999_999_999_999_998]) t.is(read(at(height)), null);
  });
}
