import { invariant } from '../errors.js';
import type { Message, TaskResult, Tasks } from './behaviour.js';

/**
 * Does tasks beside the actors' threads. Handed to an actor system by its owner, who closes it after the system: what is
 * answered later is dropped.
 */
export interface TaskPool<T extends Tasks> {
  /**
   * Begins a task, or puts it in line; what stands in `transfer` is given up by that. Never throws for what a task may meet.
   * `done` is called once, and never inside the call.
   */
  run<Task extends keyof T & string>(
    task: Task,
    input: T[Task]['input'],
    transfer: readonly ArrayBuffer[],
    done: (result: TaskResult<T[Task]['output']>) => void,
  ): void;
}

/** A pool as the host sees it, whatever its tasks. */
export interface AnyTaskPool {
  run(task: string, input: object, transfer: readonly ArrayBuffer[], done: (result: TaskResult<object>) => void): void;
}

/** An offload as the host sees it. */
export interface AnyOffload {
  readonly task: string;
  readonly id: number;
  readonly input: object;
  readonly transfer?: readonly ArrayBuffer[];
}

/** Goes with an answer: should its lane drop it, it is offered again. */
export interface AnswerTicket {
  readonly kind: 'answer';
  readonly message: Message;
}

/**
 * One actor's tasks that are not answered yet. An answer goes through the mailbox like any other message; where its lane has
 * no room it waits here until there is some, so that none is lost. Bounded by what the actor has asked for.
 */
export class ActorOffloads {
  readonly #pool: AnyTaskPool | null;
  readonly #offer: (answer: AnswerTicket) => boolean;
  readonly #waiting = new Set<AnswerTicket>();
  #pending = 0;

  /** `offer` tries to put an answer into the mailbox. */
  constructor(pool: AnyTaskPool | null, offer: (answer: AnswerTicket) => boolean) {
    this.#pool = pool;
    this.#offer = offer;
  }

  /** Tasks that were asked for and whose answer is not in the mailbox yet. */
  get size(): number {
    return this.#pending;
  }

  /** @throws InvariantViolation where the system has no pool. */
  begin({ task, id, input, transfer = [] }: AnyOffload): void {
    invariant(this.#pool !== null, `task ${task} is offloaded, and the system has no pool`);
    this.#pending += 1;
    this.#pool.run(task, input, transfer, (result) => {
      const message = { type: 'offloadAnswered', task, id, result };
      this.#put({ kind: 'answer', message });
    });
  }

  /** Called when the mailbox dropped an answer: it waits for room again. */
  dropped(answer: AnswerTicket): void {
    this.#pending += 1;
    this.#waiting.add(answer);
  }

  /** Offers again what found no room, in the order of the answers. */
  retry(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const answer of waiting) this.#put(answer);
  }

  #put(answer: AnswerTicket): void {
    if (this.#offer(answer)) this.#pending -= 1;
    else this.#waiting.add(answer);
  }
}
