import type { PlantedBug } from './planted-bug.js';

const BOTH_HOSTS = 'house/both-hosts';

/** Of the harness that proves of each test of an actor that it ran on both hosts. */
export const harnessBugs: readonly PlantedBug[] = [
  {
    bug: 'across threads a test and its actor share what they tell each other',
    file: 'test/support/border',
    find: "if (run.host === 'inline')",
    replace: 'if (true)',
    caughtBy: BOTH_HOSTS,
  },
  {
    bug: 'what an actor has asked for does not cross',
    file: 'test/support/border',
    find: '.map((effect) => crossed(effect, run))',
    replace: '',
    caughtBy: BOTH_HOSTS,
  },
  {
    bug: 'a test whose actor is told nothing passes',
    file: 'test/support/host-runs',
    find: 'if (told === 0)',
    replace: 'if (false)',
    caughtBy: BOTH_HOSTS,
  },
  {
    bug: 'a test across threads passes where nothing crosses',
    file: 'test/support/host-runs',
    find: "host === 'across threads' && crossed === 0",
    replace: 'false',
    caughtBy: BOTH_HOSTS,
  },
  {
    bug: 'an actor is made by a test that has no host',
    file: 'test/support/host-runs',
    find: "throw new Error('an actor is made",
    replace: "return newRun('inline');\n        throw new Error('an actor is made",
    caughtBy: BOTH_HOSTS,
  },
  {
    bug: 'a stage makes its actor outside the border',
    file: 'test/support/fake-store',
    find: "'./actors.js'",
    replace: "'../../actors/storage/storage.js'",
    caughtBy: BOTH_HOSTS,
  },
];
