import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, lstat, mkdir, open, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { freeBasePort } from '../../src/adapters/free-ports.js';
import { PROGRAM, run, runHere, scratch } from '../support/command-line.js';

const commands = ['init', 'start', 'cluster', 'submit', 'status', 'log', 'evidence', 'charts', 'bench'];

test('--version tells the version, and --help lists every command and an example', async (t) => {
  const version = await run(t, ['--version']);
  t.regex(version.stdout, /^\d+\.\d+\.\d+\n$/);
  t.is(version.code, 0);
  const help = await run(t, ['--help']);
  t.is(help.code, 0);
  for (const command of commands) t.true(help.stdout.includes(`  ${command} `), command);
  t.true(help.stdout.includes('Example:'));
});

test('every command has its own --help with an example', async (t) => {
  for (const command of [
    ...commands.map((name) => [name]),
    ['bench', 'cluster'],
    ['bench', 'charts'],
    ['bench', 'overlap'],
    ['bench', 'votes'],
  ]) {
    const { code, stdout, stderr } = await runHere([...command, '--help']);
    t.is(code, 0);
    t.true(stdout.includes(`hotstuff ${command.join(' ')}`) && stdout.includes('Example:'), command.join(' '));
    t.is(stderr, '');
  }
});

const misuses: readonly (readonly [readonly string[], string])[] = [
  [[], 'no command is given; hotstuff --help lists them'],
  [['nonsense'], "unknown command 'nonsense'"],
  [['--nonsense'], "unknown option '--nonsense'"],
  [['init'], "required option '--dir <D>' not specified"],
  [['init', '--dir'], "option '--dir <D>' argument missing"],
  [['init', '--dir='], '--dir is empty; it needs a value'],
  [['init', '--dir', '--replicas', '4'], '--dir lacks its value: --replicas is the next flag'],
  [['init', '--dir', '/x', '--dir', '/y'], '--dir is given twice; give it once'],
  [['init', '--dir', '/x', '--replicas', '0'], '--replicas is "0"; it must be a whole number from 1 to 1000'],
  [['init', '--dir', '/x', '--replicas', '-4'], '--replicas is "-4"; it must be a whole number from 1 to 1000'],
  [['init', '--dir', '/x', '--replicas', 'four'], '--replicas is "four"; it must be a whole number from 1 to 1000'],
  [['init', '--dir', '/x', '--replicas', '4.5'], '--replicas is "4.5"; it must be a whole number from 1 to 1000'],
  [['init', '--dir', '/x', '--base-port', '0'], '--base-port is "0"; it must be a whole number from 1 to 65535'],
  [
    ['init', '--dir', '/x', '--base-port', '65536'],
    '--base-port is "65536"; it must be a whole number from 1 to 65535',
  ],
  [['init', '--dir', '/x', '--base-port', '65529'], '--base-port is 65529; with 4 replicas it must be at most 65528'],
  [
    ['init', '--dir', '/x', '--host', 'a b'],
    '--host is "a b"; it must be a host name, an IPv4 address or an IPv6 address without brackets',
  ],
  [['init', '--dir', '/x', '--tenure', '1e3'], '--tenure is "1e3"; it must be a whole number from 1 to 1000000'],
  [['init', '--dir', '/x', '--rule', 'four-chain'], '--rule is "four-chain"; it must be three-chain or two-chain'],
  [
    ['init', '--dir', '/x', '--leader-schedule', 'random'],
    '--leader-schedule is "random"; it must be round-robin or reputation',
  ],
  [['init', '--dir', '/x', '--transport', 'udp'], '--transport is "udp"; it must be tls or plain'],
  [['init', '--dir', '/x', 'more'], "too many arguments for 'init'. Expected 0 arguments but got 1."],
  [['init', '--dir', '/x', '--json'], "unknown option '--json'"],
  [['start', '--dir', '/x'], "required option '--replica <I>' not specified"],
  [
    ['start', '--dir', '/x', '--replica', 'one'],
    '--replica is "one"; it must be a whole number from 0 to 9007199253692415',
  ],
  [['cluster', '--replicas', '1001'], '--replicas is "1001"; it must be a whole number from 1 to 1000'],
  [['cluster', '--results', '/x'], '--results needs --commands: without commands there are no results'],
  [['cluster', '--json', '--json'], '--json is given twice; give it once'],
  [
    ['cluster', '--commands', '-', '--results', '-', '--json'],
    '--results is -, but with --json standard output holds one document alone; name a file',
  ],
  [['submit'], "required option '--dir <D>' not specified"],
  [['submit', '--dir', '/x', 'a', 'b'], "too many arguments for 'submit'. Expected 1 argument but got 2."],
  [
    ['log', '--dir', '/x', '--replica', '0', '--limit', '0'],
    '--limit is "0"; it must be a whole number from 1 to 9007199253692415',
  ],
  [['evidence', '--dir', '/x'], 'evidence needs --replica, whose proofs are listed, or --check, and not both'],
  [
    ['evidence', '--dir', '/x', '--replica', '0', '--check', '-'],
    'evidence needs --replica, whose proofs are listed, or --check, and not both',
  ],
  [
    ['cluster', '--placement', 'thread'],
    '--placement is "thread"; it must be inline, threads or role=thread,role=thread',
  ],
  [
    ['start', '--dir', '/x', '--replica', '0', '--placement', 'thread'],
    '--placement is "thread"; it must be inline, threads or role=thread,role=thread',
  ],
  [
    ['bench', 'cluster', '--placement', 'thread'],
    '--placement is "thread"; it must be inline, threads or role=thread,role=thread',
  ],
  [['bench', 'bogus'], "unknown benchmark 'bogus'; hotstuff bench --help lists them"],
  [['bench'], 'no benchmark is given; hotstuff bench --help lists them'],
  [
    ['charts', 'door'],
    'there is no chart "door"; there are replica, pacemaker, manual-pacemaker, block, proposal-generator, connection, sync, storage',
  ],
  [['charts', '--format', 'png'], '--format is "png"; it must be text or mermaid or svg or json'],
  [['charts', '--out', '--format', 'svg'], '--out lacks its value: --format is the next flag'],
  [['charts', 'block', 'sync'], "too many arguments for 'charts'. Expected 1 argument but got 2."],
  [
    ['bench', 'charts', '--blocks-per-second', '0'],
    '--blocks-per-second is "0"; it must be a whole number from 1 to 1000000',
  ],
  [['bench', 'overlap', '--tenure', '7'], '--tenure is "7"; it must be a whole number from 8 to 1000000'],
  [['bench', 'overlap', '--machine', 'key-value'], '--machine is "key-value"; it must be burning or exchange'],
  [['bench', 'overlap', '--rounds', '0'], '--rounds is "0"; it must be a whole number from 1 to 100000'],
  [
    ['bench', 'overlap', '--rounds', '220'],
    '--rounds is 220; only --machine exchange searches for prices: give --propose-ms',
  ],
  [
    ['bench', 'overlap', '--machine', 'exchange', '--propose-ms', '20'],
    '--propose-ms is 20; with --machine exchange a propose() costs what its work comes to: give --rounds',
  ],
  [['bench', 'overlap', '--buffer', '0'], '--buffer is "0"; it must be a whole number from 1 to 1024'],
  [['bench', 'votes', '--delay', '1001'], '--delay is "1001"; it must be a whole number from 0 to 1000'],
  [['bench', 'cluster', '--faults', 'dead'], '--faults is "dead"; it must be none, dead=K or kill-leader@10s'],
  [['bench', 'cluster', '--faults', 'dead=2'], '--faults is dead=2; of 4 replicas at most 1 may be dead'],
  [
    ['bench', 'cluster', '--faults', 'kill-leader@10s'],
    '--faults kills the leader after 10 s; it must be less than --duration 10',
  ],
  [
    ['bench', 'cluster', '--faults', 'kill-leader@1s', '--replicas', '3'],
    '--faults kills the leader, but of 3 replicas none may fail; that takes 4',
  ],
];

test('wrong usage is the exit code 2 of the process, and one line on its standard error', async (t) => {
  for (const [args, line] of misuses.slice(0, 4)) {
    const { code, stdout, stderr } = await run(t, args);
    t.deepEqual([code, stdout, stderr], [2, '', `hotstuff: ${line}\n`]);
  }
});

for (const [args, line] of misuses) {
  test(`hotstuff ${args.join(' ')} is wrong usage: exit code 2 and one line that says why`, async (t) => {
    const { code, stdout, stderr } = await runHere(args);
    t.is(stderr, `hotstuff: ${line}\n`);
    t.is(stdout, '');
    t.is(code, 2);
  });
}

test('init writes a configuration for all and secret keys for their replica only', async (t) => {
  const dir = join(await scratch(t), 'a cluster', 'ü');
  const { code, stdout, stderr } = await run(t, ['init', '--dir', dir, '--base-port', '7300', '--tenure', '8']);
  t.deepEqual([code, stderr], [0, '']);
  t.is(stdout, `${dir}: 4 replicas, of which 1 may fail, ports 7300 to 7307\n`);
  const cluster = JSON.parse(await readFile(join(dir, 'cluster.json'), 'utf8'));
  t.is(cluster.version, 1);
  t.is(cluster.tenure, 8);
  t.deepEqual(
    cluster.replicas.map(({ peerPort, clientPort }: Record<string, number>) => [peerPort, clientPort]),
    [0, 1, 2, 3].map((id) => [7300 + id, 7304 + id]),
  );
  const again = await runHere(['init', '--dir', dir]);
  t.is(again.code, 1);
  t.is(again.stderr, `hotstuff: ${dir} is not empty. Name a new directory, or remove what stands there.\n`);
});

test('init follows a symbolic link to a directory, and says where any other leads', async (t) => {
  const dir = await scratch(t);
  await mkdir(join(dir, 'real'));
  const link = async (to: string): Promise<string> => {
    const path = join(dir, `to ${to}`);
    await symlink(to, path);
    return path;
  };
  const good = await runHere(['init', '--dir', await link('real')]);
  t.deepEqual([good.code, good.stderr], [0, '']);
  t.true((await stat(join(dir, 'real', 'cluster.json'))).isFile());
  t.true((await lstat(join(dir, 'to real'))).isSymbolicLink());
  const bad: readonly (readonly [string, string])[] = [
    [await link('nowhere'), 'leads to nowhere: no such file or directory (ENOENT)'],
    [await link('to to'), 'leads back to itself'],
  ];
  await symlink('to to to', join(dir, 'to to'));
  for (const [path, found] of bad) {
    const { code, stderr } = await runHere(['init', '--dir', path]);
    const advice = 'Name a directory, or a link to one that exists.';
    t.deepEqual([code, stderr], [1, `hotstuff: ${path} is a symbolic link that ${found}. ${advice}\n`]);
  }
});

test('a lost key and a store that cannot be opened say what is wrong and what would be right', async (t) => {
  const dir = join(await scratch(t), 'c');
  await runHere(['init', '--dir', dir, '--base-port', `${await freeBasePort(8, '127.0.0.1')}`]);
  const key = join(dir, 'replica-0', 'signing.key');
  await rm(key);
  const lost = await run(t, ['start', '--dir', dir, '--replica', '0']);
  const advice = 'Put it back from a copy: `hotstuff init` makes new keys for a new cluster only.';
  t.deepEqual([lost.code, lost.stderr], [1, `hotstuff: ${key} does not exist. ${advice}\n`]);
  const blocks = join(dir, 'replica-2', 'blocks');
  for (const name of await readdir(blocks)) if (name.startsWith('MANIFEST')) await rm(join(blocks, name));
  const { stderr: damaged } = await run(t, ['start', '--dir', dir, '--replica', '2']);
  t.regex(damaged, /^hotstuff: The database in [^\n]+MANIFEST[^\n]+\. Put the data directory back as it was [^\n]+\n$/);
  const slots = join(dir, 'replica-1', 'safety-record');
  await rm(slots);
  await mkdir(slots);
  const { code, stderr } = await run(t, ['start', '--dir', dir, '--replica', '1']);
  t.is(code, 1);
  t.regex(stderr, /^hotstuff: The store in \S+ cannot be opened: [^\n]*EISDIR[^\n]*\. The replica needs all its files/);
});

test('init says that fewer than four replicas tolerate no fault', async (t) => {
  const dir = join(await scratch(t), 'c');
  const { stdout } = await runHere(['init', '--dir', dir, '--replicas', '3', '--base-port', '7300']);
  t.is(stdout, `${dir}: 3 replicas, none of which may fail (that takes 4), ports 7300 to 7305\n`);
});

test('what is wrong with a cluster directory is one line and exit code 1', async (t) => {
  const dir = await scratch(t);
  const file = join(dir, 'file');
  await writeFile(file, '');
  await mkdir(join(dir, 'empty'));
  for (const args of [['start', '--replica', '0'], ['submit'], ['status'], ['log', '--replica', '0']]) {
    for (const place of ['missing', 'empty', 'file']) {
      const { code, stdout, stderr } = await runHere([...args, '--dir', join(dir, place)]);
      t.is(code, 1, `${args[0]} ${place}`);
      t.regex(stderr, /^hotstuff: [^\n]{10,300}\n$/);
      t.notRegex(stderr, / at .*:\d+:\d+/);
      t.is(stdout, '');
    }
  }
});

test('a replica that the cluster does not have is wrong usage', async (t) => {
  const dir = join(await scratch(t), 'c');
  await runHere(['init', '--dir', dir]);
  for (const command of ['start', 'log']) {
    const { code, stderr } = await runHere([command, '--dir', dir, '--replica', '4']);
    t.is(code, 2);
    t.is(stderr, 'hotstuff: --replica is 4; it must be from 0 to 3 in this cluster\n');
  }
  const { code, stderr } = await runHere(['cluster', '--dir', dir, '--replicas', '7', '--exit']);
  t.is(code, 2);
  t.is(stderr, `hotstuff: --replicas is 7, but ${dir} holds a cluster of 4; leave --replicas out\n`);
});

test('a replica refuses a key that others can read and says how to mend it, and never shows the key', async (t) => {
  const dir = join(await scratch(t), 'c');
  await runHere(['init', '--dir', dir, '--base-port', `${await freeBasePort(8, '127.0.0.1')}`]);
  const key = join(dir, 'replica-2', 'signing.key');
  const secret = await readFile(key, 'utf8');
  await chmod(key, 0o644);
  const { code, stderr } = await run(t, ['start', '--dir', dir, '--replica', '2']);
  t.is(code, 1);
  t.regex(stderr, /chmod 600/);
  t.false(stderr.includes(secret.split('\n')[1] ?? ''));
  t.is((await stat(key)).mode & 0o777, 0o644);
  const { code: clusterCode, stderr: clusterError } = await run(t, ['cluster', '--dir', dir, '--exit']);
  t.is(clusterCode, 1);
  t.regex(clusterError, /^hotstuff: replica 2 did not start: .*chmod 600/m);
});

test('a cluster that is not running is told so by submit and status', async (t) => {
  const dir = join(await scratch(t), 'c');
  await runHere(['init', '--dir', dir, '--base-port', `${await freeBasePort(8, '127.0.0.1')}`]);
  const submit = await run(t, ['submit', '--dir', dir], 'SET a 1\n');
  t.is(submit.code, 1);
  t.is(submit.stderr, 'hotstuff: 0 of 4 replicas answer; at least 2 must. Is the cluster running?\n');
  const missing = await runHere(['submit', '--dir', dir, join(dir, 'none.txt')]);
  t.is(missing.code, 1);
  t.regex(
    missing.stderr,
    /^hotstuff: the commands .*none\.txt cannot be read: /,
    'a file that is not there comes first',
  );
  const status = await runHere(['status', '--dir', dir, '--json']);
  t.is(status.code, 1);
  t.is(status.stderr, 'hotstuff: no replica answers; is the cluster running?\n');
  const unknown = { view: null, leader: null, committedHeight: null, stateHash: null, lag: null };
  t.deepEqual(JSON.parse(status.stdout), {
    replicas: [0, 1, 2, 3].map((id) => ({ id, reachable: false, ...unknown })),
  });
});

test('the log of a replica that never ran is empty, and a lost store is one line', async (t) => {
  const dir = join(await scratch(t), 'c');
  await runHere(['init', '--dir', dir, '--base-port', `${await freeBasePort(8, '127.0.0.1')}`]);
  t.deepEqual(await run(t, ['log', '--dir', dir, '--replica', '1', '--json']), {
    code: 0,
    signal: null,
    stdout: '',
    stderr: '',
  });
  await rm(join(dir, 'replica-1'), { recursive: true });
  const lost = await runHere(['log', '--dir', dir, '--replica', '1']);
  t.is(lost.code, 1);
  t.is(lost.stdout, '');
  t.regex(lost.stderr, /^hotstuff: [^\n]+\n$/);
});

test('the file of the commands is refused for results, and keeps its commands', async (t) => {
  const dir = await scratch(t);
  const file = join(dir, 'commands');
  await writeFile(file, 'INCR a\n');
  const refusal = {
    code: 2,
    stdout: '',
    stderr: `hotstuff: --results is ${file}, the file of the commands; name another\n`,
  };
  t.deepEqual(await runHere(['cluster', '--commands', file, '--results', file, '--exit']), refusal);
  t.is(await readFile(file, 'utf8'), 'INCR a\n');
});

test('a full standard output is one line and exit code 1', async (t) => {
  const full = await open('/dev/full', 'w');
  for (const args of [['--help'], ['--version']]) {
    const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', full.fd, 'pipe'] });
    let said = '';
    child.stderr?.on('data', (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, 'close');
    t.deepEqual([code, said], [1, 'hotstuff: standard output cannot be written: no space left on device (ENOSPC)\n']);
  }
  await full.close();
});

test('a current directory that is gone is one line', async (t) => {
  const dir = await scratch(t);
  const script = `rmdir '${dir}' && exec '${process.execPath}' '${PROGRAM}' init --dir x`;
  const { code, stderr } = await promisify(execFile)('sh', ['-c', script], { cwd: dir }).catch((error) => error);
  t.deepEqual([code, stderr], [1, 'hotstuff: the current directory is gone; change to another\n']);
});

test('the log of a store that may not be written to is one line, without a head', async (t) => {
  // nothing is forbidden to root, so that it reads as nobody
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const able = await run(t, ['--version'], '', user);
  if (able.code !== 0) {
    t.log('left out: nobody may not run this checkout');
    return t.pass();
  }
  const dir = join(await scratch(t), 'c');
  await runHere(['init', '--dir', dir, '--base-port', `${await freeBasePort(8, '127.0.0.1')}`]);
  for (const path of ['..', '.', 'replica-0']) await chmod(join(dir, path), 0o755);
  const database = join(dir, 'replica-0', 'blocks');
  await chmod(database, 0o555);
  const refused = await run(t, ['log', '--dir', dir, '--replica', '0'], '', user);
  await chmod(database, 0o755);
  t.is(refused.code, 1);
  t.is(refused.stdout, '');
  t.regex(refused.stderr, /^hotstuff: The database in [^\n]+ may not be written to, [^\n]+\n$/);
});

test('init on a disk that has no room for its stores leaves nothing behind, and says why', async (t) => {
  const home = await scratch(t);
  const dir = join(home, 'cluster');
  // Files of 3 KiB at most, in units of 512 bytes: room for keys and an empty database, none for the slots of a safety record.
  const script = `ulimit -f 6; exec "${process.execPath}" "${PROGRAM}" init --dir "${dir}"`;
  const { code, stderr } = await promisify(execFile)('sh', ['-c', script]).catch((error) => error);
  t.is(code, 1);
  t.is(stderr, `hotstuff: ${dir} could not be written: file too large (EFBIG).\n`);
  t.deepEqual(await readdir(home), []);
});
