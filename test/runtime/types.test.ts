import test from 'ava';
import type {
  ActorSystem,
  Behaviour,
  MailboxOptions,
  Port,
  PortEffectOf,
  PortFactory,
  RuntimeEffect,
} from '../../src/runtime/index.js';

type Ask = { readonly type: 'ask' };
type Refill = { readonly type: 'refill' };
type Answer = { readonly type: 'answer' };
type Shop = { readonly clerk: Ask | Refill; readonly customer: Answer };

type Fetch = { readonly type: 'fetch'; readonly shelf: number };
type Shout = { readonly type: 'shout' };
type ClerkEffect = RuntimeEffect<Shop, Ask | Refill> | Fetch;
type CustomerEffect = RuntimeEffect<Shop, Answer>;

/** Never called: the compiler reads it. Each expected error is one that must be there. */
function compiled(parts: {
  system: ActorSystem<Shop>;
  clerk: Behaviour<Ask | Refill, ClerkEffect>;
  halfClerk: Behaviour<Ask, ClerkEffect>;
  customer: Behaviour<Answer, CustomerEffect>;
  astray: Behaviour<Answer, { readonly type: 'send'; readonly to: 'clerk'; readonly message: Answer }>;
  nowhere: Behaviour<Answer, { readonly type: 'send'; readonly to: 'police'; readonly message: Ask }>;
  foreignTimer: Behaviour<
    Answer,
    { readonly type: 'startTimer'; readonly timer: string; readonly delayMs: number; readonly message: Ask }
  >;
  port: PortFactory<Fetch, Ask | Refill>;
  shouting: PortFactory<Shout, Ask | Refill>;
  clerkBox: MailboxOptions<Ask | Refill>;
  customerBox: MailboxOptions<Answer>;
}): void {
  const { system, clerkBox: mailbox, customerBox, clerk, customer, port } = parts;
  system.add('clerk', { behaviour: clerk, mailbox, port });
  system.add('customer', { behaviour: customer, mailbox: customerBox });
  system.post('clerk', { type: 'ask' });

  // @ts-expect-error a message of another role
  system.post('clerk', { type: 'answer' });
  // @ts-expect-error no such role
  system.post('police', { type: 'ask' });
  // @ts-expect-error a behaviour of another role
  system.add('clerk', { behaviour: customer, mailbox });
  // @ts-expect-error a behaviour that takes only some of its role's messages
  system.add('clerk', { behaviour: parts.halfClerk, mailbox, port });
  // @ts-expect-error a mailbox of another role
  system.add('clerk', { behaviour: clerk, mailbox: customerBox, port });
  // @ts-expect-error port effects without a port
  system.add('clerk', { behaviour: clerk, mailbox });
  // @ts-expect-error a port that performs another actor's effects
  system.add('clerk', { behaviour: clerk, mailbox, port: parts.shouting });
  // @ts-expect-error a port for an actor that has no effects of its own
  system.add('customer', { behaviour: customer, mailbox: customerBox, port });
  // @ts-expect-error a message that the addressed role does not take
  system.add('customer', { behaviour: parts.astray, mailbox: customerBox });
  // @ts-expect-error an address that is no role
  system.add('customer', { behaviour: parts.nowhere, mailbox: customerBox });
  // @ts-expect-error a timer with a message that its own actor does not take
  system.add('customer', { behaviour: parts.foreignTimer, mailbox: customerBox });

  // @ts-expect-error a send to a role that does not take the message
  const wrong: ClerkEffect = { type: 'send', to: 'customer', message: { type: 'ask' } };
  // @ts-expect-error a port that performs only some of an actor's effects
  const partial: Port<Fetch | Shout> = { perform: (_effect: Fetch) => undefined, close: async () => undefined };
  const own: PortEffectOf<ClerkEffect> = { type: 'fetch', shelf: 1 };
  void [wrong, partial, own];
}

test('wrong addresses, messages, ports and mailboxes do not compile', (t) => {
  // The check is the compiler's: an expected error that is missing fails the build.
  t.is(typeof compiled, 'function');
});
