import type { TaskResult, Tasks } from '../../src/runtime/behaviour.js';
import type { TaskPool } from '../../src/runtime/offloads.js';
import type { VirtualTime } from './virtual-time.js';

/** How long a task takes, and what it does. */
export type FakeTasks<T extends Tasks> = {
  readonly [Task in keyof T & string]: {
    readonly costMs: (input: T[Task]['input']) => number;
    readonly run: (input: T[Task]['input']) => T[Task]['output'];
  };
};

/** A pool on virtual time: a task ends at the moment of its asking and its cost; input and answer cross as to a thread. */
export class FakePool<T extends Tasks> implements TaskPool<T> {
  /** The names of all tasks that were asked for, in order. */
  readonly asked: (keyof T & string)[] = [];
  /** From now on every task that ends is answered so: its thread has died. */
  failing: string | null = null;
  readonly #running = new Map<unknown, () => void>();
  readonly #time: VirtualTime;
  readonly #tasks: FakeTasks<T>;

  constructor(time: VirtualTime, tasks: FakeTasks<T>) {
    this.#time = time;
    this.#tasks = tasks;
  }

  run<Task extends keyof T & string>(
    task: Task,
    input: T[Task]['input'],
    transfer: readonly ArrayBuffer[],
    done: (result: TaskResult<T[Task]['output']>) => void,
  ): void {
    this.asked.push(task);
    const { costMs, run } = this.#tasks[task];
    const crossed = structuredClone(input, { transfer: [...transfer] });
    const end = () => {
      this.#running.delete(timer);
      if (this.failing === null) done({ ok: true, ...structuredClone(run(crossed)) });
      else done({ ok: false, code: this.failing });
    };
    const timer = this.#time.timers.start(costMs(crossed), end);
    this.#running.set(timer, end);
  }

  /** Ends all that is under way, at this moment and in one go. */
  endAll(): void {
    for (const [timer, end] of [...this.#running]) {
      this.#time.timers.cancel(timer);
      end();
    }
  }
}
