/**
 * Every bound of the system in one table: its unit, and why it is what it is.
 * A bound is part of the protocol where two replicas would otherwise judge one message differently; those rows say so.
 */
const KIB = 1024;
const MIB = 1024 * KIB;

export const limits = {
  // ── wire ────────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Bytes of a block's body. In the protocol: a replica votes for nothing larger. */
  bodyBytes: 64 * MIB,
  /** Bytes of a message put together from fragments: the largest body, and certificates of some thousand replicas. */
  messageBytes: 64 * MIB + 2 * MIB,
  /** Bytes of payload in one fragment. At 1 Gbit/s a vote waits half a millisecond behind one. */
  fragmentBytes: 64 * KIB,
  /** Bytes of one frame on a socket: a fragment and its heads. The socket's own limit (`maxPayload`). */
  frameBytes: 64 * KIB + 64,
  /** Messages of one connection that are half here. The sender opens one for each of its lanes. */
  openMessages: 4,
  /** Bytes of half messages of one connection: one of full size and a block of usual size beside it. */
  reassemblyBytes: 64 * MIB + 4 * MIB,

  /** Bytes of a client's request put together, and of its half requests: a full submit of small commands. */
  clientMessageBytes: 4 * MIB,
  clientReassemblyBytes: 8 * MIB,

  // ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Bytes of one command. */
  commandBytes: MIB,
  /** Commands in one submit message. */
  commandsPerSubmit: 10_000,
  /** Commands that wait in one replica's pool, and their bytes; beyond, clients are told `poolFull`. */
  poolCommands: 200_000,
  poolBytes: 256 * MIB,
  /** Sequence numbers of one client that are remembered with their replies. In the protocol: replicated state. */
  sessionWindow: 1024,
  /** Clients that are remembered; beyond, the one not heard of for most heights goes. In the protocol. */
  sessions: 10_000,

  // ── consensus ───────────────────────────────────────────────────────────────────────────────────────────────────
  /** Uncommitted blocks held. A faulty leader adds one a view; a tenure without commits ends long before. */
  treeBlocks: 4096,
  /** Proposals that wait for an ancestor. */
  pendingProposals: 64,
  /** Views above the current one for which votes and proposals are kept. */
  viewWindow: 256,
  /** Verified certificates remembered by hash, so that a certificate is checked once. */
  certificateCache: 4096,

  // ── fetching ────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Blocks in one answer, asked for or given. */
  fetchBlocks: 256,
  /** Bytes of blocks in one answer; one block is always given. */
  fetchBytes: 4 * MIB,
  /** Blocks in one answer to `log`. */
  logBlocks: 1000,

  // ── connections ─────────────────────────────────────────────────────────────────────────────────────────────────
  /** Messages of one peer that consumers have not yet handled, and their bytes; then its socket is paused. */
  peerCreditMessages: 1024,
  peerCreditBytes: 80 * MIB,
  /** Votes and Timeouts of one peer, which do not wait behind its bodies. */
  peerVoteCreditMessages: 1024,
  /** Submits of one client that are not yet in the pool, and their bytes. */
  clientCreditMessages: 64,
  clientCreditBytes: 16 * MIB,
  /** Sessions (client ids) whose replies one connection of a client may ask for. */
  attachedClients: 64,
  /** Clients' connections of one replica. */
  clientConnections: 1000,
  /** Bytes that wait to be sent to one connection; beyond, bulk messages to a peer are dropped, a client is closed. */
  sendQueueBytes: 96 * MIB,

  // ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Bytes of `cluster.json` or a key file: some ten thousand replicas. */
  smallFileBytes: 4 * MIB,

  // ── mailboxes: messages in one lane ─────────────────────────────────────────────────────────────────────────────
  mailboxControl: 1024,
  mailboxProtocol: 16_384,
  mailboxBulk: 16_384,
} as const;
