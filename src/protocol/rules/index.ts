/** The commit rules to choose from; the cluster's configuration names one. */
import type { CommitRule } from './rule.js';
import { threeChain } from './three-chain.js';
import { twoChain } from './two-chain.js';

/** Returns the commit rule of that name. */
export function commitRule(name: CommitRule['name']): CommitRule {
  return name === 'two-chain' ? twoChain : threeChain;
}
