/** The bounds that the gateway keeps; `limits` of src/config holds a value for each, and says why. */
import type { PaceBounds } from './client-pace.js';
import type { Allowance } from './request-credit.js';

/** The bounds of the gateway. */
export interface GatewayLimits {
  readonly clientCredit: Allowance;
  readonly gatewayCredit: Allowance;
  readonly commandOverheadBytes: number;
  readonly clientPace: PaceBounds;
  readonly clientWork: ClientWork;
  readonly clientQuestions: number;
  readonly fragmentBytes: number;
  readonly clientMessageBytes: number;
  readonly clientOpenMessages: number;
  readonly clientReassemblyBytes: number;
  readonly gatewayReassemblyBytes: number;
  readonly halfRequestMs: number;
  readonly clientHeldBytes: number;
  readonly attachedClients: number;
  readonly clientConnectionsPerAddress: number;
  readonly addressSessions: number;
  readonly gatewaySessions: number;
  readonly sessionQuotaWindowMs: number;
  readonly sessionConnections: number;
  readonly clientSendBytes: number;
  readonly gatewaySendBytes: number;
  readonly sendWindowBytes: number;
  readonly strangersPerAddress: number;
  readonly commandBytes: number;
  readonly commandsPerSubmit: number;
  readonly forwardAgainMs: number;
  readonly logBlocks: number;
  readonly fetchBytes: number;
  readonly proofsPerReplica: number;
  readonly greetingMs: number;
  readonly flushMs: number;
}

/** What the things that a client sends cost, in the unit of {@link PaceBounds}. */
export interface ClientWork {
  readonly frame: number;
  readonly kibibyte: number;
  /** Of commands beyond their size, besides. */
  readonly tooLargeKibibyte: number;
  readonly command: number;
  readonly question: number;
  /** Of each block that `log` asks for, besides the bytes of its body. */
  readonly block: number;
}
