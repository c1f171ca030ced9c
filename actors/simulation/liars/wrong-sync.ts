import { asHeight } from '../../../src/protocol/numbers.js';
import type { Block } from '../../../src/protocol/types.js';
import type { FetchAnswer } from '../../../src/wire/peer-messages.js';
import { reblock } from './forged-blocks.js';
import type { Liar, MakeStrategy } from './liar.js';

type Twist = (answer: FetchAnswer, liar: Liar) => FetchAnswer | null;

/** What a faulty peer may answer to who asks for blocks. */
const TWISTS: readonly Twist[] = [
  // It does not answer.
  () => null,
  // It has nothing.
  (answer) => ({ ...answer, blocks: [], certificate: null }),
  // It claims to have committed far more than there is.
  (answer) => ({
    ...answer,
    blocks: [],
    certificate: null,
    committedHeight: asHeight(answer.committedHeight + 1_000_000),
  }),
  // One block is another.
  (answer, liar) => ({ ...answer, blocks: replaceOne(answer.blocks, liar) }),
  // A gap.
  (answer, { random }) => {
    const gap = random.below(answer.blocks.length);
    return { ...answer, blocks: answer.blocks.filter((_, index) => index !== gap) };
  },
  // Round in a circle.
  (answer) => ({ ...answer, blocks: [...answer.blocks, ...answer.blocks].slice(0, 256) }),
  // The wrong way round.
  (answer) => ({ ...answer, blocks: answer.blocks.toReversed() }),
  // Proved by nothing.
  (answer) => ({ ...answer, certificate: null }),
];

/** Serves missing, wrong, unlinked or repeated blocks to those that fetch. */
export const wrongSync: MakeStrategy = (liar) => ({
  outgoing: (_to, message) => {
    if (message.type !== 'fetchAnswer' || liar.random.chance(0.2)) return null;
    liar.fired();
    const answer = liar.random.pick(TWISTS)(message.answer, liar);
    return answer === null ? [] : [{ type: 'fetchAnswer', answer }];
  },
});

function replaceOne(blocks: readonly Block[], liar: Liar): readonly Block[] {
  const at = liar.random.below(blocks.length);
  return blocks.map((block, index) => (index === at ? reblock(liar, block, {}, liar.random.bytes(16)) : block));
}
