import type { ActorSystemOptions } from '../../src/runtime/actor-system.js';
import type { Behaviour, CreditReturned, PortFactory, RuntimeEffect } from '../../src/runtime/behaviour.js';
import type { InspectionEvent } from '../../src/runtime/inspection.js';
import type { Lane } from '../../src/runtime/lane.js';
import type { MailboxOptions } from '../../src/runtime/mailbox.js';
import type { ActorFailure } from '../../src/runtime/supervision.js';
import { systemOnHost, type TestSystem } from './hosts.js';
import { mailboxOf } from './mailboxes.js';
import { VirtualTime } from './virtual-time.js';

/** An actor that is told by its messages what to do: `note` is only written down, `do` returns its effects. */
export type Step =
  | { readonly type: 'note'; readonly id: number; readonly lane?: Lane }
  | { readonly type: 'do'; readonly effects: readonly StepEffect[]; readonly lane?: Lane }
  | { readonly type: 'throw'; readonly lane?: Lane }
  | CreditReturned;

export type StepRoles = { readonly a: Step; readonly b: Step; readonly c: Step };
export type StepEffect = RuntimeEffect<StepRoles, Step> | { readonly type: 'perform'; readonly id: number };

type Role = keyof StepRoles;

/** Three scripted actors on virtual time, and a record of all that they saw. */
export interface ScriptedSystem {
  readonly system: TestSystem<StepRoles>;
  readonly time: VirtualTime;
  /** `role:id` for a note, `role:type` for the rest, `role!id` for a performed port effect, in order. */
  readonly log: string[];
  /** Credit returns as they came, with the role that got them. */
  readonly returns: { readonly to: Role; readonly returned: CreditReturned }[];
  readonly failures: ActorFailure[];
}

export interface ScriptedOptions extends Partial<Omit<ActorSystemOptions<StepRoles>, 'roles'>> {
  readonly mailboxes?: Partial<Record<Role, MailboxOptions<Step>>>;
  /** Called by the port of a role at each of its effects. */
  readonly onPerform?: (role: Role, id: number) => void;
  /** Called when the port of a role is told that a turn has ended. */
  readonly onTurnEnded?: (role: Role) => void;
  /** Called when a note is handled. */
  readonly onNote?: (role: Role, id: number, now: number) => void;
  /** Called when a port is closed, before it is. */
  readonly onClose?: (role: Role) => void | Promise<void>;
}

export const laneOfStep = (step: Step): Lane => ('lane' in step ? (step.lane ?? 'protocol') : 'protocol');

export const note = (id: number, lane: Lane = 'protocol'): Step => ({ type: 'note', id, lane });

export const perform = (...effects: StepEffect[]): Step => ({ type: 'do', effects });

export const send = (to: Role, message: Step, units?: number): StepEffect =>
  units === undefined
    ? { type: 'send', to, message }
    : { type: 'send', to, message, credit: { account: 'peer 1', units } };

export const sendAll = (to: Role, ids: readonly number[]): StepEffect[] => ids.map((id) => send(to, note(id)));

export function scriptedSystem(options: ScriptedOptions = {}): ScriptedSystem {
  const { mailboxes = {}, onPerform, onTurnEnded, onNote, onClose, ...overrides } = options;
  const time = new VirtualTime();
  const log: string[] = [];
  const returns: { to: Role; returned: CreditReturned }[] = [];
  const failures: ActorFailure[] = [];
  const system = systemOnHost<StepRoles>({
    ...time.host,
    onFailure: (failure) => failures.push(failure),
    ...overrides,
    roles: ['c', 'a', 'b'],
  });
  const behaviour = (role: Role): Behaviour<Step, StepEffect> => ({
    receive: (step, { now }) => {
      log.push(step.type === 'note' ? `${role}:${step.id}` : `${role}:${step.type}`);
      if (step.type === 'throw') throw new Error(`${role} was told to throw`);
      if (step.type === 'note') onNote?.(role, step.id, now);
      if (step.type === 'creditReturned') returns.push({ to: role, returned: step });
      return step.type === 'do' ? step.effects : [];
    },
  });
  const port =
    (role: Role): PortFactory<{ type: 'perform'; id: number }, Step> =>
    () => ({
      perform: ({ id }) => {
        log.push(`${role}!${id}`);
        onPerform?.(role, id);
      },
      turnEnded: () => onTurnEnded?.(role),
      close: async () => {
        await onClose?.(role);
        log.push(`${role} closed`);
      },
    });
  for (const role of ['a', 'b', 'c'] as const) {
    const mailbox = mailboxes[role] ?? mailboxOf<Step>(100, 'refuse', laneOfStep);
    system.add(role, { behaviour: behaviour(role), mailbox, port: port(role) });
  }
  return { system, time, log, returns, failures };
}

/** A hook for `inspect` with the list that it fills. */
export function recorder(): { readonly events: InspectionEvent[]; readonly inspect: (event: InspectionEvent) => void } {
  const events: InspectionEvent[] = [];
  return { events, inspect: (event) => events.push(event) };
}
