import { readFileSync } from 'node:fs';
import test from 'ava';

interface Locked {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

for (const path of [
  'package-lock.json',
  'docs/api/package-lock.json',
  'spec/package-lock.json',
  'test/mutation/package-lock.json',
]) {
  const { packages } = JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')) as {
    readonly packages: Readonly<Record<string, Locked>>;
  };

  test(`${path} names no registry, so that npm ci asks the one that its user configured`, (t) => {
    const named = Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined);
    t.deepEqual(named, []);
    t.true(Object.keys(packages).length > 1);
  });

  test(`${path} holds every optional dependency, those of other platforms included: npm ci refuses it otherwise`, (t) => {
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}),
    );
    t.deepEqual(
      wanted.filter((name) => !(`node_modules/${name}` in packages)),
      [],
    );
  });
}
