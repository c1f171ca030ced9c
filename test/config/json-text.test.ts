import test from 'ava';
import fc from 'fast-check';
import { jsonFault } from '../../src/config/json-fault.js';
import { parseJsonText } from '../../src/config/json-text.js';
import { limits } from '../../src/config/limits.js';

/** What a text is refused with; fails when it is not. */
function refusal(text: string): string {
  try {
    parseJsonText(text, 'F');
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error(`${JSON.stringify(text)} is taken`);
}

/** Each form of JSON.parse's own message in Node 20 and 22, with the place that is named here. */
const faults: readonly (readonly [text: string, line: number, column: number, says: string])[] = [
  ['{', 1, 2, 'a key in double quotes is expected, but the text ends'],
  ['{\n  "a": 1,\n}', 3, 1, 'a key in double quotes is expected, not }'],
  ['{\r\n  "a": 1,\r\n}', 3, 1, 'a key in double quotes is expected, not }'],
  ['\uFEFF{"a": 1,}', 1, 9, 'a key in double quotes is expected, not }'],
  ['[1,\n2,\n]', 3, 1, 'a value is expected, not ]'],
  ['{\n  a: 1}', 2, 3, 'a key in double quotes is expected, not a'],
  ["{'a': 1}", 1, 2, "a key in double quotes is expected, not '"],
  ['{"a"\n 1}', 2, 2, 'a colon is expected, not 1'],
  ['{"a":\n NaN}', 2, 2, 'a value is expected, not NaN'],
  ['{"a": tru}', 1, 7, 'a value is expected, not tru'],
  ['{"a": 01}', 1, 8, 'a comma or } is expected, not 1'],
  ['{"a": 1.}', 1, 8, 'a comma or } is expected, not .'],
  ['[-]', 1, 2, 'a value is expected, not -'],
  ['{"a": 1\n "b": 2}', 2, 2, 'a comma or } is expected, not "'],
  ['[1,\n2', 2, 2, 'a comma or ] is expected, but the text ends'],
  ['{"a": 1}\n}', 2, 1, 'nothing more is expected, not }'],
  ['{} x', 1, 4, 'nothing more is expected, not x'],
  ['{} \u0000', 1, 4, 'nothing more is expected, not a character that cannot be seen'],
  ['{"a": "b', 1, 9, 'the text ends inside a string'],
  ['{"a": "b\n"}', 1, 9, 'a line break or tab stands inside a string'],
  ['{"a": "\\q"}', 1, 8, 'JSON has no such escape'],
  ['{"a": "\\u12"}', 1, 8, 'JSON has no such escape'],
  ['a: 1', 1, 1, 'a value is expected, not a'],
  ['// a remark\n{}', 1, 1, 'a value is expected, not /'],
];

for (const [text, line, column, says] of faults) {
  test(`${JSON.stringify(text)} is refused with line ${line}, column ${column} and what is wrong there`, (t) => {
    const advice = 'Mend it, or take the file that `hotstuff init` wrote.';
    t.is(refusal(text), `F is not JSON (line ${line}, column ${column}): ${says}. ${advice}`);
  });
}

test('an empty text is told apart, with a byte order mark or line ends too', (t) => {
  for (const text of ['', '\uFEFF', ' \r\n\t', '\uFEFF\r\n']) {
    t.is(refusal(text), 'F is empty. Write a cluster with `hotstuff init`.');
  }
});

test('a byte order mark and CRLF change nothing', (t) => {
  t.deepEqual(parseJsonText('\uFEFF{\r\n"a": [1, {}, []]\r\n}\r\n', 'F'), { a: [1, {}, []] });
});

test('a key that an object has already is refused with its place, however it is written', (t) => {
  const advice = 'Remove one.';
  t.is(refusal('{"a": 1,\n "a": 2}'), `F: the key "a" stands twice in one object (line 2, column 2). ${advice}`);
  t.is(
    refusal('{"a":[{"b":{}, "\\u0062":0}]}'),
    `F: the key "b" stands twice in one object (line 1, column 16). ${advice}`,
  );
  t.deepEqual(parseJsonText('{"a": {"a": "a", "b": "a"}, "b": [{"a": 1}, {"a": 2}]}', 'F'), {
    a: { a: 'a', b: 'a' },
    b: [{ a: 1 }, { a: 2 }],
  });
});

/** V8's place of the fault, where it gives one; null for a text that it takes. */
function ofJsonParse(text: string): { readonly at: number | null } | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    const place = /at position (\d+)/.exec((error as Error).message)?.[1];
    return { at: place === undefined ? null : Number(place) };
  }
}

test('a text has a fault exactly if JSON.parse refuses it or a key is repeated, and V8 names the same place', (t) => {
  const pieces = fc.constantFrom(
    ...['{', '}', '[', ']', ',', ':', '"', '"a"', '"b"', '1', '-', '0', '.5', 'e', '1e+9', 'true', 'nul', 'null'],
    ...['\\', '\\n', '\\u00', '\\u0061', '\n', '\r', '\t', ' ', '\u0001', '\u2028', '😀', '\uFEFF'],
  );
  const built = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
  const damaged = fc
    .tuple(fc.json({ stringUnit: 'grapheme' }), fc.nat(), fc.nat({ max: 3 }), pieces)
    .map(([text, at, removed, by]) => {
      const from = at % (text.length + 1);
      return `${text.slice(0, from)}${by}${text.slice(from + removed)}`;
    });
  fc.assert(
    fc.property(fc.oneof(built, damaged, fc.json()), (text) => {
      const fault = jsonFault(text);
      const theirs = ofJsonParse(text);
      if (fault?.repeatedKey != null) return;
      t.is(fault === null, theirs === null, text);
      if (fault === null || theirs === null || theirs.at === null) return;
      // V8 points inside an escape or a number where it breaks off; here its beginning is named.
      t.true(fault.offset <= theirs.at && theirs.at - fault.offset <= 5, `${text}: ${fault.offset}, not ${theirs.at}`);
    }),
    { numRuns: 20_000 },
  );
});

test('a text is read up to the deepest nesting, and one deeper is refused', (t) => {
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  t.is(jsonFault(nested(limits.jsonDepth)), null);
  t.deepEqual(jsonFault(nested(limits.jsonDepth + 1)), {
    offset: limits.jsonDepth,
    repeatedKey: null,
    says: `nested deeper than ${limits.jsonDepth}`,
  });
  t.regex(refusal('['.repeat(1 << 21)), /nested deeper/);
});

test('a string as long as the file is read', (t) => {
  t.is(jsonFault(`"${'x'.repeat(limits.smallFileBytes)}"`), null);
});
