/** The pool of a process from its other threads: they have one way each to the thread that holds it. */
import type { HeavyTasks } from '../crypto/heavy-tasks.js';
import type { TaskResult } from '../runtime/behaviour.js';
import type { AnyTaskPool, TaskPool } from '../runtime/offloads.js';
import type { ThreadPort } from './thread-port.js';

interface Asked {
  readonly id: number;
  readonly task: keyof HeavyTasks;
  readonly input: HeavyTasks[keyof HeavyTasks]['input'];
  readonly transfer: readonly ArrayBuffer[];
}

interface Answered {
  readonly id: number;
  readonly result: TaskResult<object>;
}

/** On the thread of the pool: does there what the thread at the other end asks for. */
export function servePool(port: ThreadPort, pool: TaskPool<HeavyTasks>): void {
  port.on('message', ({ id, task, input, transfer }: Asked) => {
    (pool as AnyTaskPool).run(task, input, transfer, (result) => {
      const answer: Answered = { id, result };
      port.postMessage(answer, buffersIn(result));
    });
  });
  // The thread keeps the process alive, and not what it may ask.
  port.unref();
}

/** On another thread: the pool at the other end. What is transferred to it goes all the way and comes all the way back. */
export function poolAt(port: ThreadPort): TaskPool<HeavyTasks> {
  const pending = new Map<number, (result: TaskResult<object>) => void>();
  let lastId = 0;
  port.on('message', ({ id, result }: Answered) => {
    pending.get(id)?.(result);
    pending.delete(id);
  });
  const pool: AnyTaskPool = {
    run(task, input, transfer, done) {
      lastId += 1;
      pending.set(lastId, done);
      const asked = { id: lastId, task, input, transfer } as Asked;
      port.postMessage(asked, [...transfer]);
    },
  };
  return pool as TaskPool<HeavyTasks>;
}

/** The memory of the bodies in an answer, which is nobody else's. */
function buffersIn(result: TaskResult<object>): ArrayBuffer[] {
  const { bodies = [] } = result as { readonly bodies?: readonly Uint8Array[] };
  return [...new Set(bodies.map(({ buffer }) => buffer as ArrayBuffer))];
}
