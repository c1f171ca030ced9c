import { access } from 'node:fs/promises';
import test from 'ava';
import { shouldIgnore } from '../mutation/ignore-sentences.js';
import { mutationTargets } from '../mutation/targets.js';

test('what is mutated is there, and so are the tests that must notice', async (t) => {
  const files = mutationTargets.flatMap(({ mutate, tests }) => [...mutate, ...tests]);
  for (const file of files) await t.notThrowsAsync(access(new URL(`../../${file}.js`, import.meta.url)), file);
  t.is(new Set(files).size, files.length, 'each once');
});

test('every rule of safety is mutated', (t) => {
  const mutated = mutationTargets.flatMap(({ mutate }) => mutate);
  for (const rule of ['safety', 'quorum', 'certificates', 'rules/three-chain', 'rules/two-chain'])
    t.true(mutated.includes(`src/protocol/${rule}`), rule);
});

test('of all texts only the sentences of broken rules and of unreadable bytes are left as they are', (t) => {
  const called = (callee: object) => ({ type: 'CallExpression', callee });
  const invariant = called({ type: 'Identifier', name: 'invariant' });
  const err = called({ type: 'MemberExpression', property: { name: 'err' } });
  const other = called({ type: 'Identifier', name: 'refused' });
  const place = (type: string, parent: { type: string }, listKey = 'arguments') => ({
    node: { type },
    listKey,
    parent,
  });
  for (const parent of [invariant, err]) {
    t.truthy(shouldIgnore(place('StringLiteral', parent)));
    t.truthy(shouldIgnore(place('TemplateLiteral', parent)));
    t.is(shouldIgnore(place('BinaryExpression', parent)), undefined, 'a condition');
    t.is(shouldIgnore(place('StringLiteral', { type: 'BinaryExpression' })), undefined, 'a text within a condition');
  }
  t.is(shouldIgnore(place('StringLiteral', other)), undefined);
  t.is(shouldIgnore({ node: { type: 'StringLiteral' }, parent: null }), undefined);
});
