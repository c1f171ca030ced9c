import test from 'ava';
import fc from 'fast-check';
import { sha256 } from '../../../examples/key-value/digest.js';
import { StateTrie } from '../../../examples/key-value/state-trie.js';

/** Paths of few different steps, so that they share long ways. */
const path = fc
  .array(fc.constantFrom(0x00, 0x01, 0x10, 0x11), { minLength: 3, maxLength: 3 })
  .map((bytes) => String.fromCharCode(...bytes).padStart(32, '\0'));
const change = fc.record({ path, digest: fc.option(fc.integer({ min: 1, max: 3 }), { nil: null }) });
/** As the machine does: an entry's digest is of its key too. */
const digestOf = (key: string, value: number) => sha256(Buffer.from(`${key}${value}`, 'latin1'));

test('the root is a function of the entries, whatever order they came and went in', (t) => {
  const roots = new Map<string, string>();
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), fc.array(fc.boolean()), (changes, asked) => {
      const trie = new StateTrie();
      const model = new Map<string, number>();
      for (const [index, each] of changes.entries()) {
        if (each.digest === null) trie.delete(each.path);
        else trie.set(each.path, digestOf(each.path, each.digest));
        if (each.digest === null) model.delete(each.path);
        else model.set(each.path, each.digest);
        if (asked[index] === true) trie.root();
      }
      const contents = JSON.stringify([...model].sort(([a], [b]) => (a < b ? -1 : 1)));
      const fresh = new StateTrie();
      for (const [key, value] of model) fresh.set(key, digestOf(key, value));
      t.is(trie.root(), fresh.root());
      t.is(roots.get(contents) ?? trie.root(), trie.root());
      for (const [other, root] of roots) if (other !== contents) t.not(root, trie.root());
      if (roots.size < 50) roots.set(contents, trie.root());
    }),
    { numRuns: 300 },
  );
});

test('deleting what is not there changes nothing', (t) => {
  const trie = new StateTrie();
  const empty = trie.root();
  trie.delete('\0'.repeat(32));
  t.is(trie.root(), empty);
  trie.set('\0'.repeat(32), digestOf('k', 1));
  const one = trie.root();
  trie.delete('\x01'.repeat(32));
  t.is(trie.root(), one);
  trie.delete('\0'.repeat(32));
  t.is(trie.root(), empty);
});
