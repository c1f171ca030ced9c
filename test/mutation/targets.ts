/** What is mutated, and the tests that must notice. */

/** Paths are below `dist`, without their ending. */
export interface MutationTarget {
  readonly name: string;
  readonly mutate: readonly string[];
  /** Those that say what the files do, the quickest first: the first that fails ends the run of a mutant. */
  readonly tests: readonly string[];
}

/** The safety rules come first: of them nothing may be left out for the sake of time. */
export const mutationTargets: readonly MutationTarget[] = [
  { name: 'safety rules', mutate: ['src/protocol/safety'], tests: ['test/protocol/safety.test'] },
  {
    name: 'commit rules',
    mutate: ['src/protocol/rules/three-chain', 'src/protocol/rules/two-chain', 'src/protocol/tenure'],
    tests: ['test/protocol/rules.test', 'test/protocol/tenure.test'],
  },
  {
    name: 'quorum',
    mutate: ['src/protocol/quorum', 'src/protocol/certificates'],
    tests: ['test/protocol/quorum.test', 'test/protocol/certificates.test'],
  },
  {
    name: 'collectors',
    mutate: ['src/protocol/vote-collector', 'src/protocol/timeout-collector'],
    tests: ['test/protocol/vote-collector.test', 'test/protocol/timeout-collector.test'],
  },
  { name: 'signed bytes', mutate: ['src/wire/signing-bytes'], tests: ['test/wire/signing-bytes.test'] },
  { name: 'frames', mutate: ['src/wire/frames'], tests: ['test/wire/frames.test'] },
  {
    name: 'certificates on the wire',
    mutate: ['src/wire/certificate-schema'],
    tests: ['test/wire/certificate-schema.test'],
  },
  { name: 'safety record', mutate: ['src/wire/safety-copy'], tests: ['test/wire/safety-copy.test'] },
  { name: 'schemas', mutate: ['src/wire/schema'], tests: ['test/wire/schema.test'] },
  {
    name: 'peer codec',
    mutate: ['src/wire/peer-codec'],
    tests: ['test/wire/peer-reading.test', 'test/wire/peer-codec.test'],
  },
];
