/** A client's side of the wire: what it says as frames, and what a replica's frames mean. */

import type { ReplicaId } from '../../src/protocol/numbers.js';
import { decodeClientAnswer, encodeClientRequest } from '../../src/wire/client-codec.js';
import type { ClientAnswer, ClientRequest } from '../../src/wire/client-messages.js';
import { framesOf, Reassembler } from '../../src/wire/fragments.js';
import { decodeFrame, encodeFrame } from '../../src/wire/frames.js';
import { decodeHelloAnswer, encodeHello, type HelloAnswer, helloRefusal, ownHello } from '../../src/wire/hello.js';

/** What one frame of a replica meant. */
export type Heard =
  /** The replica's own greeting, of this cluster and of the identity that was dialled. */
  | { readonly type: 'greeted' }
  | { readonly type: 'answer'; readonly answer: ClientAnswer }
  /** A part of a longer message, or a sign of life. */
  | { readonly type: 'nothing' }
  /** Refused or not understood: the connection is of no use. The reason is one word, for the log of the other side. */
  | { readonly type: 'unreadable'; readonly reason: string };

/** What a client must know of a cluster to greet its replicas. */
export interface ClusterIdentity {
  readonly clusterId: string;
  readonly epoch: number;
  /** n. */
  readonly replicas: number;
}

const NOTHING: Heard = { type: 'nothing' };

/** Speaks with one replica over one connection. */
export class Speech {
  readonly #cluster: ClusterIdentity;
  readonly #replica: ReplicaId;
  readonly #reassembler = new Reassembler();
  #greeted = false;
  #messages = 0;

  constructor(cluster: ClusterIdentity, replica: ReplicaId) {
    this.#cluster = cluster;
    this.#replica = replica;
  }

  /** The first frame of a connection. */
  hello(): Uint8Array {
    return encodeFrame('hello', encodeHello(ownHello(this.#cluster, null)));
  }

  /** The frames of a request, to be sent in order. */
  say(request: ClientRequest): readonly Uint8Array[] {
    this.#messages = (this.#messages + 1) % 2 ** 32;
    return [...framesOf(this.#messages, encodeClientRequest(request))];
  }

  /** Reads the next frame of the replica. */
  hear(bytes: Uint8Array): Heard {
    const frame = decodeFrame(bytes);
    if (!frame.ok) return unreadable(frame.reason);
    if (!this.#greeted) return frame.kind === 'helloAnswer' ? this.#greet(frame.payload) : unreadable('notGreeted');
    switch (frame.kind) {
      case 'message':
        return readAnswer(frame.payload);
      case 'fragment': {
        const fragment = this.#reassembler.accept(frame.payload);
        if (!fragment.ok) return unreadable(fragment.reason);
        return fragment.message === null ? NOTHING : readAnswer(fragment.message);
      }
      case 'keepalive':
        return NOTHING;
      case 'hello':
      case 'helloAnswer':
        return unreadable('greetedTwice');
    }
  }

  #greet(payload: Uint8Array): Heard {
    const answer = decodeHelloAnswer(payload);
    if (answer === null) return unreadable('malformedHello');
    const reason = this.#refusalOf(answer);
    if (reason !== null) return unreadable(reason);
    this.#greeted = true;
    return { type: 'greeted' };
  }

  #refusalOf(answer: HelloAnswer): string | null {
    if (!answer.accepted) return answer.reason;
    const refusal = helloRefusal(answer.hello, { ...this.#cluster, role: 'replica' });
    return refusal ?? (answer.hello.replica === this.#replica ? null : 'identityMismatch');
  }
}

function readAnswer(message: Uint8Array): Heard {
  const decoding = decodeClientAnswer(message);
  return decoding.ok ? { type: 'answer', answer: decoding.message } : unreadable(decoding.reason);
}

function unreadable(reason: string): Heard {
  return { type: 'unreadable', reason };
}
