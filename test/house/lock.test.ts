import { readFileSync } from 'node:fs';
import test from 'ava';

interface Locked {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

test('the lock names no registry, so that npm ci asks the one that its user configured', (t) => {
  const named = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined);
  t.deepEqual(named, []);
});

test('the lock holds every optional dependency, those of other platforms included: npm ci refuses it otherwise', (t) => {
  const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies }) =>
    Object.keys(optionalDependencies ?? {}),
  );
  t.true(wanted.length > 0);
  t.deepEqual(
    wanted.filter((name) => !(`node_modules/${name}` in lock.packages)),
    [],
  );
});
