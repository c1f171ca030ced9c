import test from 'ava';
import { compiledModules } from '../support/imports.js';
import { typesAlone } from './types-alone.js';

test('only a module without a line of code holds types alone', (t) => {
  const modules = new Map([
    ['a.js', '/** Says it. */\nexport {};\n//# sourceMappingURL=a.js.map'],
    ['b.js', '/** One. */\n/**\n * Two: export {};\n */\nexport {};\n'],
    ['c.js', 'export {};\nexport const one = 1;\n'],
    ['d.js', "import './a.js';\nexport {};\n"],
    ['e.js', "export * from './a.js';\n"],
    ['f.d.ts', 'export {};\n'],
  ]);
  t.deepEqual(typesAlone(modules), ['a.js', 'b.js']);
});

test('of what is compiled here some modules hold types alone, and none that runs', (t) => {
  const found = new Set(typesAlone(compiledModules()));
  for (const path of ['src/protocol/types.js', 'src/wire/sockets.js', 'actors/consensus/messages.js'])
    t.true(found.has(path), path);
  for (const path of ['src/protocol/safety.js', 'src/errors.js', 'actors/index.js']) t.false(found.has(path), path);
});
