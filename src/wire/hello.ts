/**
 * The greeting. Who dials says in a `hello` frame who it is and to which cluster it wants to speak; the other side
 * answers with its own hello or with a literal reason, in a `helloAnswer` frame. Nothing else is sent before.
 * Peers and clients both use it. What it claims is proved by the TLS certificate, not by the hello.
 */
import * as P from 'micro-packed';
import type { ReplicaId } from '../protocol/numbers.js';
import { WIRE_VERSION } from './frames.js';
import { decodeWhole, hash, NO_HEAD, nullable, number, oneOf, plainBytes, replicaId, struct, whole } from './schema.js';

/** What each side of a connection says of itself. It is a claim: the certificate has to prove it. */
export interface Hello {
  readonly wireVersion: number;
  /** 64 lower-case hex digits. */
  readonly clusterId: string;
  readonly epoch: number;
  readonly role: 'replica' | 'client';
  /** The replica's index; null for a client. */
  readonly replica: ReplicaId | null;
}

const helloRefusals = [
  'malformedHello',
  'wrongVersion',
  'wrongCluster',
  'wrongEpoch',
  'wrongRole',
  'unknownReplica',
  'ownIdentity',
  'identityMismatch',
  'duplicateConnection',
  'tooManyConnections',
  'banned',
  'stopping',
  'wrongDirection',
] as const;

/** Why a hello is not answered in kind. */
export type HelloRefusal = (typeof helloRefusals)[number];

/** What the side that was dialled answers to a hello: its own, or why it speaks no further. */
export type HelloAnswer =
  | { readonly accepted: true; readonly hello: Hello }
  | { readonly accepted: false; readonly reason: HelloRefusal };

const fields = struct<Hello>({
  wireVersion: P.U8,
  clusterId: hash,
  epoch: number(),
  role: oneOf(['replica', 'client']),
  replica: nullable(replicaId),
});

const helloSchema = whole(NO_HEAD, fields);

const refusalSchema = oneOf(helloRefusals);

const answerSchema = whole(
  NO_HEAD,
  P.wrap<HelloAnswer>({
    encodeStream: (writer, answer) => {
      writer.byte(answer.accepted ? 1 : 0);
      if (answer.accepted) fields.encodeStream(writer, answer.hello);
      else refusalSchema.encodeStream(writer, answer.reason);
    },
    decodeStream: (reader) => {
      const flag = reader.byte();
      if (flag === 1) return { accepted: true, hello: fields.decodeStream(reader) };
      if (flag === 0) return { accepted: false, reason: refusalSchema.decodeStream(reader) };
      throw reader.err('flag is neither 0 nor 1');
    },
  }),
);

/** Returns the hello of this process: `replica` is its index, or null for a client. */
export function ownHello(cluster: { clusterId: string; epoch: number }, replica: ReplicaId | null): Hello {
  const { clusterId, epoch } = cluster;
  return { wireVersion: WIRE_VERSION, clusterId, epoch, role: replica === null ? 'client' : 'replica', replica };
}

/** Returns the payload of a `hello` frame. */
export function encodeHello(hello: Hello): Uint8Array {
  return helloSchema.encode(hello);
}

/** Returns the hello in a payload, or null when it is none. */
export function decodeHello(payload: Uint8Array): Hello | null {
  return decodeWhole(helloSchema, plainBytes(payload));
}

/** Returns the payload of a `helloAnswer` frame. */
export function encodeHelloAnswer(answer: HelloAnswer): Uint8Array {
  return answerSchema.encode(answer);
}

/** Returns the answer in a payload, or null when it is none. */
export function decodeHelloAnswer(payload: Uint8Array): HelloAnswer | null {
  return decodeWhole(answerSchema, plainBytes(payload));
}

/**
 * Whether: why the other side's hello is not for us, or null when it is. The caller adds what only it can know: that
 * the identity is its own, is proved by the certificate, has no other connection.
 */
export function helloRefusal(
  hello: Hello,
  expected: {
    readonly clusterId: string;
    readonly epoch: number;
    readonly role: Hello['role'];
    readonly replicas: number;
  },
): HelloRefusal | null {
  if (hello.wireVersion !== WIRE_VERSION) return 'wrongVersion';
  if (hello.clusterId !== expected.clusterId) return 'wrongCluster';
  if (hello.epoch !== expected.epoch) return 'wrongEpoch';
  if (hello.role !== expected.role) return 'wrongRole';
  if ((hello.replica === null) !== (hello.role === 'client')) return 'wrongRole';
  return hello.replica !== null && hello.replica >= expected.replicas ? 'unknownReplica' : null;
}
