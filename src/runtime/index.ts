/** Actors on event queues: behaviours, mailboxes, and the system that runs them. Knows nothing of HotStuff. */
export type { AnyEffect } from './actor.js';
export {
  type ActorDefinition,
  ActorSystem,
  type ActorSystemOptions,
  type BehaviourWithPort,
  type CountersOf,
  type PortEffectOf,
} from './actor-system.js';
export type {
  Behaviour,
  CancelTimer,
  Credit,
  CreditReturned,
  Deliver,
  Message,
  NoTasks,
  Offload,
  OffloadAnswered,
  Port,
  PortFactory,
  Roles,
  RuntimeEffect,
  Send,
  StartTimer,
  TaskResult,
  Tasks,
  Turn,
} from './behaviour.js';
export type { ErrorData } from './crossing-error.js';
export type { ActorCounters, InspectionEvent } from './inspection.js';
export type { Lane, LaneCounters, LaneOptions, OverflowPolicy } from './lane.js';
export type {
  Batch,
  FailureData,
  Link,
  LinkMessage,
  Overflow,
  OwedCredit,
  Parcel,
  Probe,
  ReturnedPlaces,
} from './link.js';
export type { MailboxCounters, MailboxOptions } from './mailbox.js';
export type { TaskPool } from './offloads.js';
export type { RandomSource } from './random-source.js';
export type { TurnBudget } from './round.js';
export type { ActorFailure } from './supervision.js';
export type { TimerHost } from './timers.js';
