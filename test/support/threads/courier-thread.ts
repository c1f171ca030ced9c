import type { ThreadContext } from '../../../src/adapters/thread-module.js';
import { type Courier, courier, mailboxes, share } from './courier.js';

/** `closed` counts the ports that were closed so far; this thread's writes down which it was. */
export interface CourierData {
  readonly closed: Int32Array;
}

export function runThread({ name, links, data }: ThreadContext): void {
  const role = name as Courier;
  const { closed } = data as CourierData;
  const system = share([...links.values()], {});
  system.add(role, {
    behaviour: courier,
    mailbox: mailboxes[role],
    port: () => ({
      perform: ({ deed }) => {
        if (deed === 'exit') process.exit(3);
        setImmediate(() => {
          throw new Error('nobody catches this');
        });
      },
      close: async () => {
        closed[role === 'south' ? 1 : 2] = Atomics.add(closed, 0, 1) + 1;
      },
    }),
  });
  system.start();
}
