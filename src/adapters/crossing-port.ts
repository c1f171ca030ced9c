/** The port of an actor across a thread's border: the actor is on one thread, and what performs its effects on another. */
import type { Message, Port, PortFactory } from '../runtime/behaviour.js';
import type { ThreadPort } from './thread-port.js';

type ToFar<Effect> =
  | { readonly type: 'perform'; readonly effect: Effect }
  /** The actor takes nothing more. */
  | { readonly type: 'refused' }
  | { readonly type: 'close' };

type FromFar<Own> = { readonly type: 'deliver'; readonly message: Own } | { readonly type: 'closed' };

/** Returns a port whose effects are performed by what the thread at the other end serves; both cross as copies, in order. */
export function portAt<Effect, Own extends Message>(way: ThreadPort): PortFactory<Effect, Own> {
  return (deliver) => {
    const tell = (message: ToFar<Effect>) => way.postMessage(message);
    const closed = new Promise<void>((resolve) => {
      // The thread at the other end may be gone, too.
      way.once('close', resolve);
      way.on('message', (message: FromFar<Own>) => {
        if (message.type === 'closed') way.close();
        else if (!deliver(message.message)) tell({ type: 'refused' });
      });
    });
    way.unref();
    return {
      perform: (effect) => tell({ type: 'perform', effect }),
      close: () => {
        tell({ type: 'close' });
        return closed;
      },
    };
  };
}

/** Performs on this thread what the actor at the other end asks for. */
export function servePort<Effect, Own extends Message>(way: ThreadPort, create: PortFactory<Effect, Own>): void {
  let isTaken = true;
  const tell = (message: FromFar<Own>) => way.postMessage(message);
  const port: Port<Effect> = create((message) => {
    if (isTaken) tell({ type: 'deliver', message });
    return isTaken;
  });
  way.on('message', (message: ToFar<Effect>) => {
    if (message.type === 'perform') port.perform(message.effect);
    else if (message.type === 'refused') isTaken = false;
    else void port.close().then(() => tell({ type: 'closed' }));
  });
  way.unref();
}
