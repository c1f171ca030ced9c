import type { ThreadContext } from '../../../src/adapters/thread-module.js';
import {
  connectAll,
  createSink,
  createSource,
  type FlowData,
  type FlowRoles,
  flowSystem,
  mailboxesOf,
} from './flow.js';

export function runThread({ name, links, data }: ThreadContext): void {
  const role = name as keyof FlowRoles;
  const system = flowSystem(() => undefined);
  connectAll(system, links.values(), data as FlowData);
  const behaviour = role === 'source' ? createSource() : createSink();
  system.add(role, { behaviour, mailbox: mailboxesOf(data as FlowData)[role] });
  system.start();
}
