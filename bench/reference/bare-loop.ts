/**
 * The platform's limit: what four processes can do that exchange the same bytes and signatures and do nothing else.
 *
 * A fixed leader (replica 0), ws without TLS, signatures by libsodium, one fdatasync per vote where it is durable. No
 * view change, no validation beyond signatures and hashes, no storage, no machine: the figure is a yardstick for
 * `bench cluster`, not a design. Everything is in this one file; it imports nothing of hotstuff.
 *
 * A command is client (4 bytes), sequence (4) and payload. A reply is the sequence.
 * Proposal: 1, view (4), view of the certificate (4), count (1), {signer (1), signature (64)} each, the leader's
 * signature (64), body. Vote: 2, view (4), voter (1), signature (64). Integers are big-endian.
 */
import { hash } from 'node:crypto';
import { fdatasync, openSync, write } from 'node:fs';
import sodium from 'sodium-native';
import { WebSocket, WebSocketServer } from 'ws';

/** What one process of the loop is to be. */
export interface BareJob {
  readonly role: 'replica' | 'client';
  /** Of a replica, 0 .. n−1. */
  readonly id: number;
  readonly replicas: number;
  readonly basePort: number;
  /** Commands in a block at most, and bytes of a command beyond its 8. */
  readonly batch: number;
  readonly payload: number;
  readonly outstanding: number;
  /** Null: nothing is written. */
  readonly voteFile: string | null;
  readonly warmup: number;
  readonly duration: number;
}

/** What the client of the loop measured. */
export interface BareResult {
  readonly committed: number;
  readonly seconds: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

const PROPOSAL = 1;
const VOTE = 2;
const HEAD = 8;
const SIGNATURE = 64;
const SIGNED = 1 + SIGNATURE;
const HOST = '127.0.0.1';
/** Heights between a block and the one whose certificate commits it. */
const COMMIT_DISTANCE = 2;

interface Share {
  readonly signer: number;
  readonly signature: Buffer;
}

interface BareBlock {
  readonly hash: Buffer;
  readonly body: Buffer;
}

const NOTHING: BareBlock = { hash: Buffer.alloc(32), body: Buffer.alloc(0) };

class BareReplica {
  readonly #job: BareJob;
  readonly #quorum: number;
  readonly #secret: Buffer;
  readonly #publicKeys: readonly Buffer[];
  readonly #file: number | null;
  readonly #peers: (WebSocket | undefined)[] = [];
  readonly #clients: WebSocket[] = [];
  readonly #blocks = new Map<number, BareBlock>([[0, NOTHING]]);
  /** Commands that wait, as they came. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #view = 0;
  #lastWork = 0;
  #committed = 0;
  #certificate: { readonly view: number; readonly shares: readonly Share[] } = { view: 0, shares: [] };
  /** The leader's, for the block in flight. */
  #votes: Share[] = [];
  #inFlight = false;

  constructor(job: BareJob) {
    const pairs = Array.from({ length: job.replicas }, (_, id) => keyPair(id));
    this.#job = job;
    this.#quorum = job.replicas - Math.floor((job.replicas - 1) / 3);
    this.#secret = (pairs[job.id] as KeyPair).secretKey;
    this.#publicKeys = pairs.map(({ publicKey }) => publicKey);
    this.#file = job.voteFile === null ? null : openSync(job.voteFile, 'w');
  }

  /** Resolves when it listens and is connected to the leader. */
  async start(): Promise<void> {
    const { id, basePort } = this.#job;
    const server = new WebSocketServer({ host: HOST, port: basePort + id, perMessageDeflate: false });
    server.on('connection', (socket, request) => {
      const peer = /^\/peer\/(\d+)$/.exec(request.url ?? '')?.[1];
      if (peer === undefined) this.#clientCame(socket);
      else this.#peerCame(socket, Number(peer));
    });
    await new Promise((resolve) => server.once('listening', resolve));
    if (id !== 0) this.#peerCame(await dial(`ws://${HOST}:${basePort}/peer/${id}`), 0);
  }

  #clientCame(socket: WebSocket): void {
    this.#clients.push(socket);
    socket.on('message', (commands: Buffer) => {
      this.#pending.push(commands);
      this.#pendingBytes += commands.length;
      if (!this.#inFlight) setImmediate(() => this.#propose());
    });
  }

  #peerCame(socket: WebSocket, peer: number): void {
    this.#peers[peer] = socket;
    socket.on('message', (message: Buffer) => {
      if (message[0] === PROPOSAL) this.#onProposal(message);
      else this.#onVote(message);
    });
  }

  /** The leader's: as long as something waits or is not committed, one block after the other. */
  #propose(): void {
    const idle = this.#pendingBytes === 0 && this.#view >= this.#lastWork + COMMIT_DISTANCE + 1;
    if (this.#inFlight || idle) return;
    this.#inFlight = true;
    this.#view += 1;
    const body = this.#takeBody();
    if (body.length > 0) this.#lastWork = this.#view;
    const { view: certified, shares } = this.#certificate;
    const blockHash = hashOf(this.#view, this.#blockAt(certified).hash, body);
    const head = Buffer.alloc(10 + shares.length * SIGNED);
    head[0] = PROPOSAL;
    head.writeUInt32BE(this.#view, 1);
    head.writeUInt32BE(certified, 5);
    head[9] = shares.length;
    shares.forEach(({ signer, signature }, index) => {
      head[10 + index * SIGNED] = signer;
      signature.copy(head, 11 + index * SIGNED);
    });
    const proposal = Buffer.concat([head, this.#sign(blockHash), body]);
    for (const peer of this.#peers) peer?.send(proposal);
    this.#blocks.set(this.#view, { hash: blockHash, body });
    this.#votes = [];
    this.#commitBelow(certified);
    const view = this.#view;
    this.#record(() => this.#count(view, { signer: 0, signature: this.#sign(blockHash) }));
  }

  #takeBody(): Buffer {
    const most = this.#job.batch * (HEAD + this.#job.payload);
    const parts: Buffer[] = [];
    let left = Math.min(most, this.#pendingBytes);
    this.#pendingBytes -= left;
    while (left > 0) {
      const first = this.#pending[0] as Buffer;
      const part = first.subarray(0, left);
      if (part.length < first.length) this.#pending[0] = first.subarray(part.length);
      else this.#pending.shift();
      left -= part.length;
      parts.push(part);
    }
    return Buffer.concat(parts);
  }

  #onProposal(message: Buffer): void {
    const view = message.readUInt32BE(1);
    const certified = message.readUInt32BE(5);
    const justified = this.#blockAt(certified);
    let offset = 10;
    for (let left = message[9] as number; left > 0; left -= 1, offset += SIGNED) {
      this.#verify(justified.hash, message[offset] as number, message.subarray(offset + 1, offset + SIGNED));
    }
    const body = message.subarray(offset + SIGNATURE);
    const blockHash = hashOf(view, justified.hash, body);
    this.#verify(blockHash, 0, message.subarray(offset, offset + SIGNATURE));
    this.#blocks.set(view, { hash: blockHash, body });
    this.#commitBelow(certified);
    this.#record(() => {
      const vote = Buffer.alloc(6);
      vote[0] = VOTE;
      vote.writeUInt32BE(view, 1);
      vote[5] = this.#job.id;
      this.#peers[0]?.send(Buffer.concat([vote, this.#sign(blockHash)]));
    });
  }

  #onVote(message: Buffer): void {
    const view = message.readUInt32BE(1);
    if (!this.#inFlight || view !== this.#view) return;
    const signer = message[5] as number;
    const signature = Buffer.from(message.subarray(6));
    this.#verify(this.#blockAt(view).hash, signer, signature);
    this.#count(view, { signer, signature });
  }

  #count(view: number, share: Share): void {
    if (!this.#inFlight || view !== this.#view) return;
    this.#votes.push(share);
    if (this.#votes.length < this.#quorum) return;
    this.#certificate = { view, shares: this.#votes };
    this.#inFlight = false;
    this.#commitBelow(view);
    this.#propose();
  }

  /** A certificate for `view` commits the block two views below and everything under it. */
  #commitBelow(view: number): void {
    while (this.#committed < view - COMMIT_DISTANCE) {
      this.#committed += 1;
      const { body } = this.#blockAt(this.#committed);
      this.#blocks.delete(this.#committed - 1);
      if (body.length > 0) this.#reply(body);
    }
  }

  #reply(body: Buffer): void {
    const size = HEAD + this.#job.payload;
    const replies = new Map<number, number[]>();
    for (let offset = 0; offset < body.length; offset += size) {
      const client = body.readUInt32BE(offset);
      const sequences = replies.get(client);
      if (sequences === undefined) replies.set(client, [body.readUInt32BE(offset + 4)]);
      else sequences.push(body.readUInt32BE(offset + 4));
    }
    for (const sequences of replies.values()) {
      const frame = Buffer.from(Uint32Array.from(sequences).buffer);
      for (const client of this.#clients) client.send(frame);
    }
  }

  /** Persist before send: the vote goes out when its record is on the disk. */
  #record(then: () => void): void {
    const file = this.#file;
    if (file === null) return then();
    write(file, Buffer.alloc(SIGNATURE), 0, SIGNATURE, 0, (failed) => {
      if (failed) throw failed;
      fdatasync(file, (unsynced) => {
        if (unsynced) throw unsynced;
        then();
      });
    });
  }

  #blockAt(view: number): BareBlock {
    const block = this.#blocks.get(view);
    if (block === undefined) throw new Error(`the bare loop lost the block of view ${view}`);
    return block;
  }

  #sign(message: Buffer): Buffer {
    const signature = Buffer.alloc(SIGNATURE);
    sodium.crypto_sign_detached(signature, message, this.#secret);
    return signature;
  }

  #verify(message: Buffer, signer: number, signature: Buffer): void {
    if (!sodium.crypto_sign_verify_detached(signature, message, this.#publicKeys[signer] as Buffer)) {
      throw new Error(`the bare loop got a bad signature of ${signer}`);
    }
  }
}

/** Sequences come back after so many: more than can be in flight. */
const SEQUENCES = 1 << 20;
/** One latency in so many is kept. */
const SAMPLED = 16;

class BareClient {
  readonly #job: BareJob;
  readonly #needed: number;
  readonly #replies = new Uint8Array(SEQUENCES);
  readonly #sentAt = new Float64Array(SEQUENCES);
  readonly #latencies: number[] = [];
  #leader: WebSocket | null = null;
  #next = 0;
  #committed = 0;
  #measuring = false;

  constructor(job: BareJob) {
    this.#job = job;
    this.#needed = Math.floor((job.replicas - 1) / 3) + 1;
  }

  async run(onMeasuring: () => void): Promise<BareResult> {
    const { replicas, basePort, outstanding, warmup, duration } = this.#job;
    const sockets = await Promise.all(
      Array.from({ length: replicas }, (_, id) => dial(`ws://${HOST}:${basePort + id}/client`)),
    );
    for (const socket of sockets) socket.on('message', (frame: Buffer) => this.#onReplies(frame));
    this.#leader = sockets[0] ?? null;
    this.#send(outstanding);
    await seconds(warmup);
    onMeasuring();
    this.#measuring = true;
    this.#committed = 0;
    const startedAt = performance.now();
    await seconds(duration);
    const elapsed = (performance.now() - startedAt) / 1000;
    const committed = this.#committed;
    const sorted = Float64Array.from(this.#latencies).sort();
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { committed, seconds: elapsed, latencyMs: { p50: at(0.5), p99: at(0.99), max: at(1) } };
  }

  #send(count: number): void {
    const size = HEAD + this.#job.payload;
    const frame = Buffer.alloc(count * size);
    const now = performance.now();
    for (let index = 0; index < count; index += 1) {
      const sequence = this.#next;
      this.#next = (this.#next + 1) % SEQUENCES;
      frame.writeUInt32BE(1, index * size);
      frame.writeUInt32BE(sequence, index * size + 4);
      this.#replies[sequence] = 0;
      this.#sentAt[sequence] = now;
    }
    this.#leader?.send(frame);
  }

  #onReplies(frame: Buffer): void {
    const sequences = new Uint32Array(new Uint8Array(frame).buffer);
    const now = performance.now();
    let answered = 0;
    for (const sequence of sequences) {
      const replies = (this.#replies[sequence] ?? 0) + 1;
      this.#replies[sequence] = replies;
      if (replies !== this.#needed) continue;
      answered += 1;
      if (this.#measuring && sequence % SAMPLED === 0) this.#latencies.push(now - (this.#sentAt[sequence] ?? now));
    }
    this.#committed += answered;
    if (answered > 0) this.#send(answered);
  }
}

interface KeyPair {
  readonly publicKey: Buffer;
  readonly secretKey: Buffer;
}

/** Everybody knows everybody's secrets: a yardstick has none to keep. */
function keyPair(id: number): KeyPair {
  const publicKey = Buffer.alloc(sodium.crypto_sign_PUBLICKEYBYTES);
  const secretKey = Buffer.alloc(sodium.crypto_sign_SECRETKEYBYTES);
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, Buffer.alloc(sodium.crypto_sign_SEEDBYTES, id + 1));
  return { publicKey, secretKey };
}

function hashOf(view: number, parent: Buffer, body: Buffer): Buffer {
  const header = Buffer.alloc(68);
  header.writeUInt32BE(view, 0);
  parent.copy(header, 4);
  hash('sha256', body, 'buffer').copy(header, 36);
  return hash('sha256', header, 'buffer');
}

function dial(url: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, count * 1000);
  });
}

/** Speaks with the process that forked it as bench/child.ts has it: a job comes, usage is asked for, answers go back. */
function main(): void {
  const tell = (message: object): void => {
    process.send?.(message);
  };
  process.once('disconnect', () => process.exit(0));
  process.on('SIGINT', () => undefined);
  process.on('message', (message: { readonly type: 'job'; readonly job: BareJob } | { readonly type: 'usage' }) => {
    if (message.type === 'usage') {
      const { user, system } = process.cpuUsage();
      tell({ type: 'usage', cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() });
      return;
    }
    const work =
      message.job.role === 'replica'
        ? new BareReplica(message.job).start().then(() => tell({ type: 'ready' }))
        : new BareClient(message.job)
            .run(() => tell({ type: 'measuring' }))
            .then((result) => tell({ type: 'result', result }));
    work.catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    });
  });
}

main();
