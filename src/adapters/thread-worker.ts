/** What every worker thread begins with: it loads the module of its share of an actor system, and says how that went. */
import { parentPort, workerData } from 'node:worker_threads';
import { ConfigurationError } from '../errors.js';
import { errorData } from '../runtime/crossing-error.js';
import { importModule } from './import-module.js';
import { PortLink } from './port-link.js';
import { ownTaskId } from './thread-cpu.js';
import type { ThreadModule, WorkerBirth, WorkerNews } from './thread-module.js';

async function run({ name, module, data, links: ways, ports }: WorkerBirth): Promise<void> {
  const loaded = await importModule(new URL(module));
  if (!loaded.ok) throw moduleError(name, module, `cannot be loaded: ${loaded.reason}`);
  const { runThread } = loaded.exports as Partial<ThreadModule>;
  if (typeof runThread !== 'function') throw moduleError(name, module, 'exports no function runThread');
  const links = new Map(ways.map(({ thread, port }) => [thread, new PortLink(thread, port)]));
  await runThread({ name, links, data, ports });
}

function moduleError(thread: string, module: string, what: string): ConfigurationError {
  return new ConfigurationError('THREAD_MODULE', `module ${module} of thread ${thread} ${what}`, { thread, module });
}

function tell(news: WorkerNews): void {
  parentPort?.postMessage(news);
}

run(workerData as WorkerBirth).then(
  () => tell({ ok: true, taskId: ownTaskId() }),
  (error: unknown) => tell({ ok: false, error: errorData(error) }),
);
