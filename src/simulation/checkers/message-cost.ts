/** L6: what a committed block costs in messages where nothing goes wrong. A storm of them can hide in a cluster that commits. */

/** A view takes each replica a proposal, a vote to two leaders and a certificate; the rest is room for starting and fetching. */
const MESSAGES_PER_REPLICA = 10;
/** Blocks from which on it is judged: a start costs some, too. */
const BLOCKS_MIN = 20;

/** Says what is wrong with `messages` between `replicas` for so many committed blocks; null for nothing. */
export function messageCostProblem(messages: number, blocks: number, replicas: number): string | null {
  const allowed = MESSAGES_PER_REPLICA * replicas;
  if (blocks < BLOCKS_MIN || messages <= allowed * blocks) return null;
  return `${(messages / blocks).toFixed(1)} messages a committed block without any fault; ${allowed} at most`;
}
