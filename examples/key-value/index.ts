/** A replicated key-value store: the machine, its commands as text, its replies as text. */
export { type ParsedLine, parseLine } from './commands.js';
export { KeyValueMachine } from './machine.js';
export { type RenderedReply, renderReply } from './replies.js';
