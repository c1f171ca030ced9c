/** Puts a liar together: a port before its network, and the strategies that a case gives it. */
import type { ClusterConfig } from '../../../src/config/cluster.js';
import { ConfigurationError } from '../../../src/errors.js';
import type { ReplicaId } from '../../../src/protocol/numbers.js';
import type { Random } from '../../../src/simulation/random.js';
import { createSigningBytes } from '../../../src/wire/signing-bytes.js';
import type { Interposed } from '../simulated-replica.js';
import { ClientLiarPort } from './client-port.js';
import type { Liar } from './liar.js';
import { LiarPort } from './liar-port.js';
import { penOf } from './pen.js';
import { clientStrategies, strategies, strategyNames } from './strategies.js';

interface LiarOptions {
  readonly id: ReplicaId;
  readonly cluster: ClusterConfig;
  readonly strategies: readonly string[];
  readonly accomplices: readonly ReplicaId[];
  readonly random: Random;
  /** Told each time when a strategy has lied. */
  readonly onLie: (strategy: string) => void;
}

/**
 * Returns what stands between a liar's actors and their sockets.
 * @throws ConfigurationError for a strategy that nobody knows.
 */
export function interposedBy(options: LiarOptions): Interposed {
  const unknown = options.strategies.find((name) => !strategyNames.some((known) => known === name));
  if (unknown !== undefined) {
    const detail = `no liar knows the strategy ${unknown}; there are ${strategyNames.join(', ')}`;
    throw new ConfigurationError('SIMULATION_STRATEGY', detail);
  }
  return { peers: peersInterposed(options), clients: clientsInterposed(options) };
}

function peersInterposed(options: LiarOptions): Interposed['peers'] {
  const makers = makersAmong(strategies, options);
  return (inner, replica) => (deliver) => {
    let port: LiarPort | null = null;
    const made = makers.map(([name, make]) => make(makeLiar({ ...options, ...replica }, name, () => port)));
    port = new LiarPort(
      { clusterId: options.cluster.clusterId, process: replica.process, strategies: made },
      inner,
      deliver,
    );
    for (const { begin } of made) begin?.();
    return port;
  };
}

function clientsInterposed(options: LiarOptions): Interposed['clients'] {
  const { cluster, random, onLie } = options;
  const makers = makersAmong(clientStrategies, options);
  return (inner, { process }) => {
    if (makers.length === 0) return inner;
    return (deliver) => {
      const later = (delayMs: number, act: () => void) => {
        process.later(delayMs, 'timer', act);
      };
      const made = makers.map(([name, make]) =>
        make({ replicas: cluster.replicas.length, random, later, fired: () => onLie(name) }),
      );
      return new ClientLiarPort({ strategies: made, process }, inner, deliver);
    };
  };
}

/** Those of the liar's strategies that stand in `table`, in its order of them. */
function makersAmong<Make>(
  table: Readonly<Record<string, Make>>,
  options: LiarOptions,
): readonly (readonly [string, Make])[] {
  return options.strategies.flatMap((name) => {
    const make = Object.hasOwn(table, name) ? table[name] : undefined;
    return make === undefined ? [] : [[name, make] as const];
  });
}

function makeLiar(
  options: LiarOptions & Parameters<Interposed['peers']>[1],
  strategy: string,
  port: () => LiarPort | null,
): Liar {
  const { id, cluster, signer, verifier, process, accomplices, random, onLie } = options;
  const { clusterId, epoch, tenure, baseTimeoutMs } = cluster;
  const signing = createSigningBytes({ clusterId, epoch });
  const foreignId = [...clusterId].reverse().join('');
  return {
    id,
    cluster: { clusterId, replicas: cluster.replicas.length, tenureLength: tenure, baseTimeoutMs },
    peers: cluster.replicas.map(({ id: each }) => each as ReplicaId).filter((peer) => peer !== id),
    accomplices,
    random,
    pen: penOf(id, signer, { clusterId, epoch }),
    foreignPen: penOf(id, signer, { clusterId: foreignId, epoch }),
    isVote: ({ signer: voter, view, block, signature }) => verifier.verify(voter, signing.vote(view, block), signature),
    later: (delayMs, act) => {
      process.later(delayMs, 'timer', act);
    },
    tell: (peer, said) => port()?.tell(peer, said),
    hear: (peer, message) => port()?.hear(peer, message),
    fired: () => onLie(strategy),
  };
}
