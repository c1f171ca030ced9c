/**
 * The protocol as pure data and functions: blocks, certificates, rules, collectors. No bytes, keys or clock.
 * @module hotstuff/protocol
 */
export * from './block-tree.js';
export * from './certificates.js';
export * from './committed-activity.js';
export * from './committed-log.js';
export * from './evidence.js';
export * from './leader-schedule.js';
export * from './numbers.js';
export * from './quorum.js';
export * from './rules/index.js';
export * from './rules/rule.js';
export * from './safety.js';
export * from './safety-record.js';
export * from './tenure.js';
export * from './timeout-collector.js';
export * from './types.js';
export * from './view-timer.js';
export * from './vote-collector.js';
