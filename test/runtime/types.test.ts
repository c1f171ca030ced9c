import test from 'ava';
import type {
  ActorSystem,
  Behaviour,
  MailboxOptions,
  Offload,
  OffloadAnswered,
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

type Work = {
  readonly weigh: { readonly input: { readonly goods: string }; readonly output: { readonly grams: number } };
  readonly count: { readonly input: { readonly coins: readonly number[] }; readonly output: { readonly sum: number } };
};
type Weighed = OffloadAnswered<Pick<Work, 'weigh'>>;
type Scales = { readonly scales: Ask | Weighed };

/** Never called: the compiler reads it. */
function offloaded(parts: {
  system: ActorSystem<Scales, Work>;
  poolless: ActorSystem<Scales>;
  mailbox: MailboxOptions<Ask | Weighed>;
  weighing: Behaviour<Ask | Weighed, RuntimeEffect<Scales, Ask | Weighed, Work>>;
  counting: Behaviour<Ask | Weighed, Offload<Pick<Work, 'count'>>>;
}): void {
  const { system, poolless, mailbox, weighing, counting } = parts;
  system.add('scales', { behaviour: weighing, mailbox });
  // @ts-expect-error a task of a system without a pool
  poolless.add('scales', { behaviour: weighing, mailbox });
  // @ts-expect-error a task whose answer the actor does not take
  system.add('scales', { behaviour: counting, mailbox });

  type Effect = RuntimeEffect<Scales, Ask | Weighed, Work>;
  const right: Effect = { type: 'offload', task: 'weigh', id: 1, input: { goods: 'rice' } };
  // @ts-expect-error no such task
  const unknown: Effect = { type: 'offload', task: 'wash', id: 1, input: { goods: 'rice' } };
  // @ts-expect-error the input of another task
  const mistaken: Effect = { type: 'offload', task: 'weigh', id: 1, input: { coins: [1] } };
  void [right, unknown, mistaken];
}

test('a wrong task, a wrong input, and a task whose answer is not taken do not compile', (t) => {
  t.is(typeof offloaded, 'function');
});

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
