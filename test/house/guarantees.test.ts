/** Each guarantee of docs/runtime.md is the title of a test, which runs on the hosts that the page says. */
import { readdirSync, readFileSync } from 'node:fs';
import test from 'ava';

/** Where something holds, or is shown: on one thread, between threads, or on either. */
type Hosts = 'one thread' | 'threads' | 'everywhere';

interface Claim {
  readonly sentence: string;
  readonly hosts: Hosts;
}

/** The sentences in bold, each with where it holds: `*One thread.*` or `*Threads.*` behind it says so. */
function claimsOf(page: string): readonly Claim[] {
  return [...page.replaceAll(/\s+/g, ' ').matchAll(/\*\*(.+?)\.?\*\*[.,]? ?(\*(one thread|threads)\b)?/gi)].map(
    ([, sentence = '', , hosts]) => ({ sentence, hosts: (hosts?.toLowerCase() ?? 'everywhere') as Hosts }),
  );
}

const FILES = [
  ...readdirSync('test/runtime').map((name) => `test/runtime/${name}`),
  'test/adapters/start-threads.test.ts',
  'test/adapters/thread-guarantees.test.ts',
];

/** The titles of tests, what a template fills in as `…`, each with the hosts that its declaration runs on. */
function titlesOf(file: string): readonly Claim[] {
  const text = readFileSync(file, 'utf8');
  const onThreads = text.includes('acrossThreads') || file.startsWith('test/adapters');
  const byTest: Hosts = text.includes('onBothHosts as test') ? 'everywhere' : onThreads ? 'threads' : 'one thread';
  const hostsOf = (declared: string): Hosts =>
    declared === 'onOneThread' ? 'one thread' : declared === 'betweenHosts' ? 'everywhere' : byTest;
  const titles = text.matchAll(/\b(test|onOneThread|betweenHosts)\(\s*(['"`])(.*?)\2,/gs);
  return [...titles].map(([, declared = '', , title = '']) => ({
    sentence: title.replaceAll(/\$\{.*?\}/g, '…'),
    hosts: hostsOf(declared),
  }));
}

const claims = claimsOf(readFileSync('docs/runtime.md', 'utf8'));
const titles = FILES.flatMap(titlesOf);
const decapitalised = (sentence: string) => sentence.charAt(0).toLowerCase() + sentence.slice(1);
const shows = (title: string, { sentence }: Claim) =>
  title.includes(sentence) || title.includes(decapitalised(sentence));

test('each guarantee of the runtime is the title of a test', (t) => {
  t.true(claims.length > 50, `${claims.length}`);
  t.deepEqual(
    claims.filter((claim) => !titles.some(({ sentence }) => shows(sentence, claim))),
    [],
  );
});

test('each guarantee of the runtime is tested on the hosts for which it is given', (t) => {
  const wrong = claims.filter(
    (claim) => !titles.some(({ sentence, hosts }) => shows(sentence, claim) && hosts === claim.hosts),
  );
  t.deepEqual(wrong, []);
});

test('a guarantee that no test is called by is found, and one of other hosts', (t) => {
  const [invented, misplaced] = claimsOf('- **Messages are never late.** *Threads.*\n- **post never\n  handles** too');
  t.deepEqual(invented, { sentence: 'Messages are never late', hosts: 'threads' });
  t.deepEqual(misplaced, { sentence: 'post never handles', hosts: 'everywhere' });
  t.false(titles.some(({ sentence }) => shows(sentence, invented as Claim)));
});
