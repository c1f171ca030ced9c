import { freeBasePort } from '../../src/adapters/free-ports.js';
import type {
  SocketLimits,
  SocketRefusal,
  SocketsOptions,
  TransportCredentials,
} from '../../src/adapters/socket-options.js';
import { createSockets } from '../../src/adapters/sockets.js';
import type { ClusterConfig } from '../../src/config/cluster.js';
import { silentLogger } from '../../src/logger.js';
import { asReplicaId } from '../../src/protocol/numbers.js';
import type { Port } from '../../src/runtime/behaviour.js';
import type { SocketEffect, SocketMessage } from '../../src/wire/sockets.js';
import { makeTestCredentials } from './credentials.js';

export const testLimits: SocketLimits = {
  frameBytesMax: 65_600,
  connectionsMax: 200,
  handshakesPerAddressMax: 100,
  handshakeTimeoutMs: 20_000,
  closeTimeoutMs: 1000,
  refusalsLoggedMax: 100,
  refusalLogWindowMs: 60_000,
};

export interface TestCluster {
  readonly cluster: ClusterConfig;
  readonly credentials: readonly TransportCredentials[];
}

/** A cluster on loopback whose ports were free a moment ago. */
export async function makeTestCluster(n: number, transport: 'tls' | 'plain' = 'tls'): Promise<TestCluster> {
  const basePort = await freeBasePort(2 * n, '127.0.0.1');
  const made = Array.from({ length: n }, makeTestCredentials);
  const replicas = made.map(({ transportKey }, id) => ({
    id: asReplicaId(id),
    host: '127.0.0.1',
    peerPort: basePort + id,
    clientPort: basePort + n + id,
    signingKey: '11'.repeat(32),
    transportKey,
  }));
  const cluster: ClusterConfig = {
    version: 1,
    clusterId: 'c1'.repeat(32),
    salt: '5a'.repeat(16),
    epoch: 0,
    rule: 'three-chain',
    tenure: 1000,
    leaderSchedule: 'round-robin',
    baseTimeoutMs: 1000,
    transport,
    scheme: 'ed25519-libsodium',
    replicas,
  };
  return { cluster, credentials: made.map(({ credentials }) => credentials) };
}

type MessageOf<Type extends SocketMessage['type']> = Extract<SocketMessage, { type: Type }>;

/** A port whose messages are kept, with a way to wait for the next one of a type. */
export interface TestSockets {
  readonly port: Port<SocketEffect>;
  readonly messages: readonly SocketMessage[];
  readonly refusals: readonly SocketRefusal[];
  /** Takes the oldest message of the type that was not taken, or waits for it. */
  next<Type extends SocketMessage['type']>(type: Type): Promise<MessageOf<Type>>;
  /** Resolves when `holds` does; asked after every message and refusal. */
  until(holds: () => boolean): Promise<void>;
  /** What the mailbox answers; true unless set. */
  accepting: boolean;
  /** Whether what it accepts is handled at once; true unless set. */
  handling: boolean;
  /** Handles so many of what was not handled. */
  handle(count: number): void;
}

export function openTestSockets(
  { cluster, credentials }: TestCluster,
  overrides: Partial<SocketsOptions> & Pick<SocketsOptions, 'side' | 'self'>,
): TestSockets {
  const messages: SocketMessage[] = [];
  const refusals: SocketRefusal[] = [];
  const taken = new Set<SocketMessage>();
  const unhandled: (() => void)[] = [];
  let waiting: { holds: () => boolean; resolve: () => void }[] = [];
  const wake = (): void => {
    const due = waiting.filter(({ holds }) => holds());
    waiting = waiting.filter((each) => !due.includes(each));
    for (const { resolve } of due) resolve();
  };
  const untaken = (type: SocketMessage['type']): SocketMessage | undefined =>
    messages.find((message) => message.type === type && !taken.has(message));
  const factory = createSockets({
    cluster,
    credentials:
      overrides.self === null || cluster.transport === 'plain' ? null : (credentials[overrides.self] ?? null),
    limits: testLimits,
    log: silentLogger,
    onRefused: (refusal) => {
      refusals.push(refusal);
      wake();
    },
    ...overrides,
  });
  const sockets: TestSockets = {
    accepting: true,
    handling: true,
    handle: (count) => {
      for (const onTaken of unhandled.splice(0, count)) onTaken();
    },
    messages,
    refusals,
    port: endingTurns(
      factory((message, onTaken) => {
        if (!sockets.accepting) return false;
        messages.push(message);
        if (sockets.handling) onTaken?.();
        else if (onTaken !== undefined) unhandled.push(onTaken);
        wake();
        return true;
      }),
    ),
    until: (holds) =>
      new Promise((resolve) => {
        waiting.push({ holds, resolve });
        wake();
      }),
    async next<Type extends SocketMessage['type']>(type: Type) {
      await sockets.until(() => untaken(type) !== undefined);
      const message = untaken(type) as MessageOf<Type>;
      taken.add(message);
      return message;
    },
  };
  return sockets;
}

/** A port used outside of an actor: what is performed in one go counts as one turn. */
export function endingTurns(port: Port<SocketEffect>): Port<SocketEffect> {
  let inTurn = false;
  const endTurn = (): void => {
    inTurn = false;
    port.turnEnded?.();
  };
  return {
    ...port,
    perform(effect) {
      if (!inTurn) process.nextTick(endTurn);
      inTurn = true;
      port.perform(effect);
    },
  };
}
