/**
 * Every bound of the system in one table: its unit, and why it is what it is.
 * A bound is part of the protocol where two replicas would otherwise judge one message differently; those rows say so.
 * Elsewhere stand only those of the runtime, which imports nothing of replication and is told none of it: how long the
 * line is that says what a message was (`runtime/message-summary.ts`), and how many an actor that throws is reported with
 * (`runtime/supervision.ts`).
 */
const KIB = 1024;
const MIB = 1024 * KIB;
const TREE_TIPS = 4096;
const GATEWAY_SESSIONS = 4096;

/** The bounds of a usual replica and client. Where {@link Limits} are taken, a simulation may hand in tighter ones. */
export const limits = {
  // ── wire ────────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Bytes of a block's body. In the protocol: a replica votes for nothing larger. */
  bodyBytes: 64 * MIB,
  /** Commands of a block's body, or of a message that forwards some. In the protocol: a body with more executes nothing. */
  bodyCommands: 131_072,
  /** Signers of one certificate that decode: no real cluster is near it, and no frame of signatures fills the memory. */
  certificateSigners: 16_384,
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
  /**
   * Commands that wait in one replica's pool, and their bytes; beyond, clients are told `poolFull`. So is, before that, who is at
   * an address that would hold more than four times what is free of these, or of `poolClients`: one address alone fills four
   * fifths, and leaves room for whoever holds little.
   */
  poolCommands: 200_000,
  poolBytes: 256 * MIB,
  /** Clients whose commands one replica's own clients have waiting: as many as its gateway lets in anew in one window. */
  poolClients: GATEWAY_SESSIONS,
  /** The same for the commands that one peer forwarded. */
  peerPoolCommands: 65_536,
  peerPoolBytes: 64 * MIB,
  /** Part of that which a peer sends, and more as they are executed: the leader may execute later than the peer does. */
  forwardedShare: 0.5,
  /** Commands, and their bytes, that go into a body from one client before it is another's turn; one at least. */
  turnCommands: 16,
  turnBytes: 64 * KIB,
  /** Bytes of a frame that pending commands may keep alive for nothing: a small one is not worth a copy. */
  keptFrameBytes: KIB,
  /** Bytes of commands in one message that forwards them: a few block bodies' worth, one command of full size at least. */
  forwardBytes: 2 * MIB,
  /**
   * What a replica forwards in one `peerCreditWindowMs`; one message may exceed it. Half of the messages and bytes that its
   * leader reads in that time, and no more of the commands: so what its clients do never pauses the socket that its votes
   * come by. 20,480 commands or 40 MiB a second from each follower: a client that knows the leader sends there.
   */
  forwardWindow: { messages: 128, commands: 1024, bytes: 2 * MIB },
  /**
   * Milliseconds for which a command is not sent to the same leader again, however often its client asks after it; a
   * gateway asks so often after those of its own application. Half of what a follower waits for a command before it gives up
   * on the leader (`commandTimeoutMs`, at the base timeout of 1 s).
   */
  forwardAgainMs: 2000,
  /**
   * Committed blocks that the machine has not executed, and bytes of their bodies; beyond, consensus takes in no more
   * until one of them is done. What it had taken in still comes: after a time without commits all that was certified in it
   * (`treeTips`), blocks that are held already, and with them the bodies of one branch at most (`treeBodyBytes`).
   */
  executionBacklogBlocks: 1024,
  executionBacklogBytes: 256 * MIB,
  /** Milliseconds that one call of the machine may take while the replica stops; then it has failed. */
  stoppingCallMs: 10_000,
  /** Sequence numbers of one client that are remembered with their replies. In the protocol: replicated state. */
  sessionWindow: 1024,
  /** Clients that are remembered; beyond, the one not heard of for most heights goes. In the protocol. */
  sessions: 10_000,
  /** Sessions in one chunk of a snapshot: 16 MiB of replies at most. */
  sessionsPerChunk: 64,
  /** Bytes of replies remembered of one client; beyond, those to its lowest sequences go. In the protocol. */
  sessionReplyBytes: 256 * KIB,
  /**
   * What the replies of all clients may take in memory; beyond, those to the clients not heard of for most heights go.
   * In the protocol. With 10,000 sessions of 2 KiB it makes 64 MiB.
   */
  sessionTableBytes: 44 * MIB,
  /** Proposals that a speculative machine may have built ahead: more than a leader makes blocks of in any round trip. */
  proposalBuffer: 1024,

  // ── consensus ───────────────────────────────────────────────────────────────────────────────────────────────────
  /**
   * Uncommitted blocks held on which no other stands; four whatever it says. A faulty leader adds one a view. The blocks below them
   * are certified and not counted (`protocol/block-tree.ts`): each has cost a quorum, and what would refuse them would end all
   * progress. They gather only while nothing commits. Then each tenure ends by its timer, at the base timeout of 1 s after
   * 4.3 s, and certifies two blocks at most where three in consecutive views commit, one where two do: 20,000 or 40,000 a day,
   * headers with few bodies.
   */
  treeTips: TREE_TIPS,
  /**
   * Bytes of the bodies of all uncommitted blocks, and of those of one branch a quarter of it: three of full size, as a
   * leader has under way at most where everything commits. What would be beyond is proposed empty.
   */
  treeBodyBytes: 768 * MIB,
  /** Proposals that wait for an ancestor, and the bytes of their bodies: a few of full size. */
  pendingProposals: 64,
  pendingBodyBytes: 256 * MIB,
  /** Views from the one below the current on for which votes are kept: one of each replica a view. */
  viewWindow: 256,
  /**
   * Views whose first proposal is remembered, to tell a second one: every tip's, and those that leaders which failed have
   * left. Beyond, the oldest is forgotten, and a second one of that view proves nothing any more.
   */
  seenProposals: TREE_TIPS,
  /** Verified certificates remembered by hash, so that a certificate is checked once. */
  certificateCache: 4096,
  /** Blocks whose verified votes are remembered, one of each replica: far more than are uncertified at any moment. */
  verifiedVoteBlocks: 64,
  /**
   * Timeouts of one peer that are verified in a tenth of the base timeout: a correct one sends one at a timer's end, and a
   * few to catch up.
   */
  timeoutsPerInterval: 8,
  /** Proofs of misbehaviour kept against each replica; later ones are counted. */
  proofsPerReplica: 16,
  /** Signed messages that wait for the disk; beyond, that of the lowest view goes. Twice the views in flight at any healthy moment. */
  outboxMessages: 64,
  /** Bytes of committed blocks read back at once at a start, for what the leader schedule must know; one block always comes. */
  historyReadBytes: 4 * MIB,
  /**
   * Views that one safety record reserves ahead, at least and at most: enough that the write of a record is never waited
   * for, since it starts a proposal ahead; and few, since after a restart nothing is signed up to the bound.
   */
  reservedViewsMin: 4,
  reservedViewsMax: 64,

  // ── the pool ────────────────────────────────────────────────────────────────────────────────────────────────────
  /**
   * Signatures in the certificates of one message from which on the pool looks at them: about a millisecond of the thread,
   * which a round trip (40 to 60 µs, a quarter of it busy) does not lengthen by a tenth. Four replicas never have so many,
   * twenty have. Bytes of bodies in one message from which on it hashes them: 0.8 ms, and 0.1 ms busy in a round trip.
   * Measured with `bench pool` on two cores: 14 signatures 0.9 ms here, 5 the least that is worth it; 1 MiB 0.8 ms, and
   * 256 KiB the least.
   */
  offloadSignatures: 14,
  offloadBodyBytes: MIB,
  /** Threads of the pool that a process may ask for. */
  poolThreads: 1024,

  // ── storage ─────────────────────────────────────────────────────────────────────────────────────────────────────
  /**
   * Milliseconds, and bytes of blocks, for which what nothing signed waits for may gather before it is written. Long
   * enough for the next heartbeat's block to take it along, so that an idle replica writes and wakes once a heartbeat;
   * until then readers do not see what was committed.
   */
  storageGatherMs: 500,
  storageGatherBytes: MIB,
  /** Committed blocks read from the disk at once for one answer, so that a turn stays short; one is always read. */
  storagePortion: { blocks: 64, bytes: MIB },
  /**
   * Blocks above the last committed one that are read at opening; a store with more is damaged, since so many take a month
   * in which nothing commits (`treeTips`).
   */
  storageUncommittedBlocks: 1_048_576,
  /** Characters of a state machine's name, which stands in the store. */
  machineNameCharacters: 100,

  // ── fetching ────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Blocks in one answer, asked for or given. */
  fetchBlocks: 256,
  /** Bytes of blocks in one answer; one block is always given. */
  fetchBytes: 4 * MIB,
  /** Milliseconds for an answer, before asking again who had nothing, and for which who answered wrongly or not at all is left alone. */
  fetchTimeoutMs: 2000,
  fetchRetryMs: 100,
  fetchSetAsideMs: 10_000,
  /** Requests to one peer whose answers are waited for; beyond, the oldest is forgotten. Twice what waits to be sent to it. */
  openFetchRequests: 64,
  /** Blocks and bytes of one batch that consensus takes in in one turn, and batches before it that it has not settled. */
  fetchBatchBlocks: 64,
  fetchBatchBytes: MIB,
  fetchBatchesAhead: 2,
  /** Reads from the own store at a time for all peers together, and bytes given to one peer in a second, on average. */
  servesAtOnce: 2,
  serveBytesPerSecond: 64 * MIB,
  /**
   * A peer rests so many times as long as its last read took, so that its catching up takes a part of our time only; but
   * no longer than these milliseconds, far below its `fetchTimeoutMs`.
   */
  serveRestPerRead: 4,
  serveRestMaxMs: 250,
  /** Blocks in one answer to `log`. */
  logBlocks: 1000,

  // ── connections ─────────────────────────────────────────────────────────────────────────────────────────────────
  /**
   * Messages of one peer, and their bytes, that a consumer has not yet handled, by class; then its socket is paused.
   * Small beside a mailbox lane, so that no peer can fill one.
   */
  peerCredit: {
    votes: { messages: 256, bytes: 4 * MIB },
    proposals: { messages: 128, bytes: 80 * MIB },
    sync: { messages: 32, bytes: 80 * MIB },
    commands: { messages: 256, bytes: 16 * MIB },
  },
  /**
   * Milliseconds in which a peer uses the messages of each of these credits once at most, and its signs of life in one such window: a
   * correct one sends one a second. 2,560 proposals and twice as many votes a second are beyond any leader's pace; who
   * floods waits in its own socket, and costs a bounded part of our time however fast its messages are refused.
   */
  peerCreditWindowMs: 50,
  /** Bytes of each class from one peer in such a window: 80 MiB a second, a quarter of a core to decrypt and hash. */
  peerWindowBytes: 4 * MIB,
  /**
   * The same of proposals from a peer that does not lead the view that we are in. Whether one is worth its bytes is seen only
   * when all of them are here and hashed, since the certificate that enters its view may stand behind its body; and one
   * that is signed rightly costs most. Where leaders change with each view, one of four proposes 11 in a window at 900
   * blocks a second.
   */
  strayProposals: { messages: 32, bytes: MIB },
  /**
   * Forwarded commands of one peer in such a window. What a burst leaves over of `peerPoolCommands` comes back at this pace:
   * each costs some microseconds, and a peer may send them for ever. Measured with three replicas' processes on two cores
   * that a fourth floods: the others' latency is 1.7 times the quiet one, and was 3 times that with 8192.
   */
  peerWindowCommands: 1024,
  /**
   * Forwarded commands of one peer that wait for a window before its socket is paused, votes and all: half of its space,
   * which is what a correct peer has under way at most and may deliver at once after we have stood still.
   */
  peerHeldCommands: { messages: 4096, commands: 32_768, bytes: 32 * MIB },
  keepalivesPerWindow: 64,
  /** Messages, and their bytes, that wait to be sent to one peer, by class; beyond, the oldest of the class goes. */
  peerSendLanes: {
    votes: { messages: 1024, bytes: 16 * MIB },
    proposals: { messages: 64, bytes: 160 * MIB },
    sync: { messages: 32, bytes: 80 * MIB },
    commands: { messages: 1024, bytes: 32 * MIB },
  },
  /** Bytes handed to one socket that it has not written yet: so much may stand before a vote. */
  sendWindowBytes: 256 * KIB,
  /**
   * Frames, and their bytes, that one connection may deliver before the event loop goes round. A peer that floods shares
   * the actor's mailbox with the others instead of filling it; what it has sent beyond waits in its connection, at most what
   * one read of its socket holds. Bodies still arrive at some hundred megabytes a second.
   */
  framesPerRound: 4,
  bytesPerRound: 64 * KIB,
  /**
   * Frames of one connection that wait in the actor's mailbox: enough for a turn of its, and so few that what one connection
   * sends stands before what the others do for a turn at most.
   */
  framesUnhandled: 64,
  /** Bytes of small frames that share one write: beyond, it gains nothing and delays the news that the first has left. */
  gatheredBytes: 64 * KIB,
  /** Bytes of a peer that arrived without credit; a paused socket delivers far less, so that more is a bug or an attack. */
  heldBytes: 96 * MIB,
  /** Accepted connections at a time on the peer port: every peer, and as many strangers. */
  peerConnections: 1000,
  /** Accepted connections of one address that have not finished TLS, the upgrade or the hello. */
  strangersPerAddress: 128,
  /** Bytes of the request for an upgrade to ws, before which a connection is nobody's. */
  requestHeaderBytes: 4 * KIB,
  /** Milliseconds that who was turned away may take to hang up. */
  lingerMs: 500,
  /** Milliseconds of silence after which TCP asks whether a client's host is still there. Peers have signs of life. */
  tcpKeepaliveMs: 10_000,
  /** Lines of the log about refused connections of one port, each cause of each address once, in one window of an hour. */
  refusalsLogged: 256,
  refusalLogWindowMs: 3_600_000,
  /** Milliseconds for TCP, TLS and the upgrade; and again for the hello. */
  handshakeMs: 5000,
  greetingMs: 5000,
  /** Milliseconds for flushing when the process stops, and for the other side's answer to a close. */
  flushMs: 2000,
  closeMs: 1000,
  /** Milliseconds between signs of life on a quiet connection, and of silence after which a peer counts as gone. */
  keepaliveMs: 3000,
  silenceMs: 9000,
  /** Milliseconds before dialing again: doubled from the first to the last, and jittered down to one half. */
  redialFirstMs: 50,
  redialLastMs: 2000,
  /** Milliseconds for which a peer is not spoken to whose proven key stood behind malformed bytes. */
  banMs: 30_000,
  /** Clients' connections of one replica. */
  clientConnections: 1000,
  /** Submits of one connection that are not yet in the pool, and what they take in memory; then its socket is paused. */
  clientCredit: { messages: 64, bytes: 16 * MIB },
  /** The same of all connections together, so that many clients cannot fill a lane either. */
  gatewayCredit: { messages: 4096, bytes: 256 * MIB },
  /** What a command takes in memory beside its bytes, and is charged for: many small ones are far larger than their encoding. */
  commandOverheadBytes: 200,
  /**
   * Work, in microseconds or about that, which all clients of one replica may make in a window with what comes to nothing; a
   * tenth of a core. A connection alone has all of it, 2500 commands, at once before any is executed.
   */
  clientPace: { windowMs: 50, work: 5000 },
  /**
   * What a client's frames, commands and questions cost in it, and the blocks that it asks for. Commands beyond their size
   * cost four times as much as their bytes took: no correct client sends one, and nothing else brings so many bytes in vain.
   */
  clientWork: { frame: 20, kibibyte: 10, tooLargeKibibyte: 30, command: 2, question: 200, block: 40 },
  /** Questions (`status`, `log`) of one connection that are not yet answered. */
  clientQuestions: 8,
  /**
   * Bytes of half requests of all clients together; beyond, of the address that holds most the connection that holds most is
   * closed. So is one whose half request has not gone on for so many milliseconds in which it was read.
   */
  gatewayReassemblyBytes: 256 * MIB,
  halfRequestMs: 30_000,
  /** Requests of one connection that are half here. */
  clientOpenMessages: 2,
  /** What requests of one connection that wait for credit take in memory; a paused socket delivers far less. */
  clientHeldBytes: 32 * MIB,
  /** The same of one address, greeted or not: many users behind one router, and still a part of all. */
  clientConnectionsPerAddress: 256,
  /**
   * New client ids whose commands one address, one replica's clients and one peer may bring in one window. An id is free to
   * invent and puts the longest idle session out of the table: so it takes one address ten minutes to put out all.
   * Of what all may bring, the last quarter is for addresses with fewer than 16: so a few greedy ones keep nobody out. As
   * many ids that came in the window before are known, and are let in besides.
   * What a gateway takes its leader must take too, for nobody tells the client otherwise: within one window of the leader
   * lie two of the gateway at most, and beside their ids come those that are known from before them, and those of older
   * commands that waited in its pool, or are sent again to a new leader.
   */
  addressSessions: 1024,
  gatewaySessions: GATEWAY_SESSIONS,
  peerSessions: 4 * GATEWAY_SESSIONS,
  sessionQuotaWindowMs: 60_000,
  /** Sessions (client ids) whose replies one connection of a client may ask for. */
  attachedClients: 64,
  /** Connections that get the replies of one session; a further one takes the place of the oldest. */
  sessionConnections: 8,
  /** Bytes that wait to be sent to one client; beyond, it is closed. */
  clientSendBytes: 32 * MIB,
  /**
   * The same of all clients together; beyond, of the address for which most waits the connection for which most waits is
   * closed. So a few that do not read cannot fill the memory, nor many of one address cost another's its connection.
   */
  gatewaySendBytes: 256 * MIB,

  // ── the application on a replica ────────────────────────────────────────────────────────────────────────────────
  /**
   * Commands that it has submitted and that have no answer, and their bytes; further ones are refused. `sessionWindow` of
   * them are in flight at a time, the others wait for these.
   */
  openSubmissions: 4096,
  openSubmissionBytes: 64 * MIB,

  // ── manual pacemaker ────────────────────────────────────────────────────────────────────────────────────────────
  /** Requests of the application that wait for their answer; one loop needs one, and further ones are refused. */
  openRequests: 1024,
  /** Blocks of which it is remembered whether they were certified: `waitForQc` may come this many proposals late. */
  rememberedOutcomes: 1024,

  // ── mailboxes ───────────────────────────────────────────────────────────────────────────────────────────────────
  /** Messages of a replica's own actors that wait for one of them; beyond, their sender waits. */
  mailboxControl: 65_536,
  /** Messages caused by strangers that wait for one actor, for each replica of the cluster and as if it had 16 at least. */
  mailboxPerReplica: 1024,
  mailboxReplicasMin: 16,

  // ── metrics and health over http ────────────────────────────────────────────────────────────────────────────────
  /** Connections at a time, each for one answer: a few scrapers and probes. Further ones are hung up on. */
  httpConnections: 32,
  /** Milliseconds for a request to arrive, and of silence while its answer is read. */
  httpMs: 5000,

  // ── clients ─────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Commands of one client in flight: unless told otherwise, and the most that it may be told; and their bytes. */
  outstandingDefault: 4096,
  outstanding: 32_768,
  outstandingBytes: 64 * MIB,
  /** Bytes that wait for one replica before commands are no longer sent to it a second time. */
  clientBacklogBytes: 4 * MIB,
  /** Milliseconds for a replica to be dialed and to greet. */
  clientGreetingMs: 10_000,
  /** Milliseconds before a client dials a replica again: doubled from the first to the last. */
  clientRedialFirstMs: 100,
  clientRedialLastMs: 2000,
  /** Milliseconds before a command goes again that a full pool refused: doubled from the first to the last. */
  clientRefusalPauseFirstMs: 25,
  clientRefusalPauseLastMs: 1000,
  /** Milliseconds in which questions are answered unless told otherwise. */
  queryMs: 3000,

  // ── files ───────────────────────────────────────────────────────────────────────────────────────────────────────
  /** Bytes of a line with a proof of equivocation: two headers whose certificates have some thousand signers, in hex. */
  proofLineBytes: 8 * MIB,
  /** Bytes of `cluster.json` or a key file: some ten thousand replicas. */
  smallFileBytes: 4 * MIB,
  /** Objects and lists inside each other in such a file, which needs three: printing a value takes the stack. */
  jsonDepth: 64,
} as const;

type Widened<Value> = Value extends number ? number : { readonly [Key in keyof Value]: Widened<Value[Key]> };

/** A table of limits with other values. */
export type Limits = Widened<typeof limits>;
