/** What a replica's threads and the one that started them say to each other beside the actors' messages. */
import type { ThreadPort } from '../src/adapters/thread-port.js';
import type { ErrorFacts } from '../src/errors.js';
import type { Logger } from '../src/logger.js';

type StarterMessage =
  | { readonly type: 'logged'; readonly level: keyof Logger; readonly event: string; readonly facts: ErrorFacts }
  /** From the thread of a machine, which is made there, and then to those that wait for its name. */
  | { readonly type: 'machineNamed'; readonly machine: string | null };

/** On a thread: a log that the starter writes, and what the machine is called. */
export class StarterPort {
  readonly #port: ThreadPort;
  readonly #machineNamed: Promise<string | null>;

  constructor(port: ThreadPort) {
    this.#port = port;
    this.#machineNamed = new Promise((resolve) => {
      port.on('message', (message: StarterMessage) => {
        if (message.type === 'machineNamed') resolve(message.machine);
      });
    });
  }

  readonly log: Logger = {
    info: (event, facts = {}) => this.#log('info', event, facts),
    warn: (event, facts = {}) => this.#log('warn', event, facts),
  };

  /** Resolves once the machine is made, on whatever thread that is. */
  machineNamed(): Promise<string | null> {
    return this.#machineNamed;
  }

  tellMachine(machine: string | null): void {
    this.#tell({ type: 'machineNamed', machine });
  }

  #log(level: keyof Logger, event: string, facts: ErrorFacts): void {
    try {
      this.#tell({ type: 'logged', level, event, facts });
    } catch {
      // An actor of the application's own may log what cannot cross: its text can.
      const texts = Object.entries(facts).map(([name, fact]) => [name, String(fact)]);
      this.#tell({ type: 'logged', level, event, facts: Object.fromEntries(texts) });
    }
  }

  #tell(message: StarterMessage): void {
    this.#port.postMessage(message);
  }
}

/** On the starter: writes what its threads log, and passes the machine's name on to all of them; resolves with that name. */
export function listenToThreads(ports: readonly ThreadPort[], log: Logger): Promise<string | null> {
  return new Promise((resolve) => {
    for (const port of ports) {
      port.on('message', (message: StarterMessage) => {
        if (message.type === 'logged') return log[message.level](message.event, message.facts);
        for (const each of ports) each.postMessage(message);
        resolve(message.machine);
      });
      // The threads keep the process alive, and not what they may say.
      port.unref();
    }
  });
}
