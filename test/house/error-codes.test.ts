/** docs/errors.md against the source: every code, refusal and event of the log, and none that is gone. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const FOLDERS = ['src', 'actors', 'machines', 'bin', 'examples'];
const CODE = /'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g;
/** Codes of Node, LevelDB and sodium-native that the source compares with. */
const FOREIGN = [
  'ADDON_NOT_FOUND',
  'EAI_AGAIN',
  'ERR_DLOPEN_FAILED',
  'ERR_HTTP_REQUEST_TIMEOUT',
  'ERR_INVALID_ARG_VALUE',
  'ERR_TLS_HANDSHAKE_TIMEOUT',
  'LEVEL_CORRUPTION',
  'LEVEL_LOCKED',
  'MODULE_NOT_FOUND',
];
const FILE_READER = 'src/adapters/small-files.ts';

const sources = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
).map((path) => ({ path, text: readFileSync(path, 'utf8') }));

const [codesPart = '', refusalsPart = '', logPart = ''] = readFileSync('docs/errors.md', 'utf8')
  .split(/^## /m)
  .slice(1);

/** The cells of every row whose first one is a name in code. */
function rowsOf(part: string): readonly (readonly string[])[] {
  return part.split('\n').flatMap((line) => {
    const [, first, ...others] = line.split('|').map((cell) => cell.trim());
    return first?.startsWith('`') ? [[first.replaceAll('`', ''), ...others.slice(0, -1)]] : [];
  });
}

const namesOf = (part: string) => rowsOf(part).map(([name]) => `${name}`);
const sorted = (names: Iterable<string>) => [...new Set(names)].sort();
const matches = (pattern: RegExp, text: string) => [...text.matchAll(pattern)].map(([, found]) => `${found}`);

/** The kinds of small files, and what may be wrong with each: `KEY_FILE` and `MISSING`, say. */
function fileCodes(): {
  readonly kinds: readonly string[];
  readonly problems: readonly string[];
  readonly codes: readonly string[];
} {
  const all = sources.flatMap(({ text }) => [
    ...text.matchAll(/\{\s*code: '([A-Z_]+)',\s*what: '[^']*',\s*secret: (true|false)\b/g),
  ]);
  const problems = matches(/failure\(kind, '([A-Z_]+)'/g, sources.find(({ path }) => path === FILE_READER)?.text ?? '');
  const codes = all.flatMap(([, kind, secret]) =>
    problems.filter((problem) => problem !== 'EXPOSED' || secret === 'true').map((problem) => `${kind}_${problem}`),
  );
  return { kinds: all.map(([, kind]) => `${kind}`), problems, codes };
}

function codesInUse(): readonly string[] {
  const { kinds, problems, codes } = fileCodes();
  const parts = new Set([...FOREIGN, ...kinds, ...problems]);
  const literal = sources.flatMap(({ text }) => matches(CODE, text)).filter((code) => !parts.has(code));
  return sorted([...literal, ...codes]);
}

test('every error code of the source stands in docs/errors.md once, and no other', (t) => {
  t.deepEqual([...namesOf(codesPart)].sort(), codesInUse());
});

test('codes are found wherever they are made', (t) => {
  const codes = codesInUse();
  for (const code of ['INVARIANT_VIOLATED', 'KEY_FILE_EXPOSED', 'CLUSTER_FILE_MISSING', 'PORT_IN_USE', 'STORE_DAMAGED'])
    t.true(codes.includes(code), code);
  t.false(codes.includes('CERTIFICATE_FILE_EXPOSED'), 'a certificate is no secret');
  const made = sources.flatMap(({ text }) => matches(/new (?:Configuration|Operational)Error\(\s*([^,]+),/g, text));
  const elsewhere = made.filter((argument) => !/^'[A-Z0-9_]+'$/.test(argument));
  t.deepEqual(
    sorted(elsewhere),
    ['`\x24{kind.code}_\x24{code}`', 'code', 'report.code'],
    'a code that is put together in another way is not seen by this test',
  );
});

test('what is called foreign is still compared with', (t) => {
  const all = sources.map(({ text }) => text).join('\n');
  t.deepEqual(
    FOREIGN.filter((code) => !new RegExp(`\\b${code}\\b`).test(all)),
    [],
  );
});

test('every reason for which a command is refused stands in docs/errors.md, and no other', (t) => {
  const wire = sources.find(({ path }) => path === 'src/wire/client-messages.ts')?.text ?? '';
  const union = /type RefusalReason = ([^;]+);/.exec(wire)?.[1] ?? '';
  t.deepEqual(namesOf(refusalsPart), sorted(matches(/'(\w+)'/g, union)));
});

test('every event of the log stands in docs/errors.md with its levels, and no other', (t) => {
  const events = new Map<string, Set<string>>();
  for (const { text } of sources.filter(({ path }) => !path.startsWith('examples'))) {
    for (const [, level = '', event = ''] of text.matchAll(/\blog(?:ger)?\.(info|warn)\(\s*'([^']+)'/g)) {
      events.set(event, (events.get(event) ?? new Set()).add(level));
    }
  }
  t.deepEqual(
    rowsOf(logPart).map(([event, levels]) => [event, levels]),
    [...events].map(([event, levels]) => [event, [...levels].sort().join(', ')]).sort(),
  );
});

test('every row says a cause and a remedy, or what an event means, in whole sentences', (t) => {
  for (const [name, ...cells] of [...rowsOf(codesPart), ...rowsOf(refusalsPart)]) {
    t.is(cells.length, 2, name);
    for (const cell of cells) t.regex(cell, /\.$/, name);
  }
  for (const [name, , meaning] of rowsOf(logPart)) t.regex(`${meaning}`, /\.$/, name);
});
