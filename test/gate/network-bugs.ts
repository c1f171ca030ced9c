import type { PlantedBug } from './planted-bug.js';

/** What one peer, client or stranger must not be able to do to the others. */
export const networkBugs: readonly PlantedBug[] = [
  {
    bug: 'a peer forwards commands at any pace',
    file: 'actors/network/receive-credit',
    find: "if (trafficClass === 'commands' && commandsLeft <= 0)",
    replace: 'if (false)',
    caughtBy: 'actors/network/receiving',
  },
  {
    bug: 'a few forwarded commands too many silence the votes of their peer',
    file: 'actors/network/receiving',
    find: 'if (!link.credit.holdsTooMuch(context.limits.peerHeldCommands))\n        return;\n    link.readingPaused = true;',
    replace: 'link.readingPaused = true;',
    caughtBy: 'actors/network/receiving',
  },
  {
    bug: 'a follower passes on every question of a client after its command',
    file: 'actors/proposal-generator/forwarder',
    find: 'sentAt !== undefined && now - sentAt < this.#againMs',
    replace: 'false',
    caughtBy: 'actors/proposal-generator/forwarding',
  },
  {
    bug: 'a follower forwards faster than its leader reads',
    file: 'actors/proposal-generator/forward-pace',
    find: 'messages > 0 && commands > 0 && bytes > 0 ? 0',
    replace: 'true ? 0',
    caughtBy: 'actors/proposal-generator/proposal-generator',
  },
  {
    bug: 'commands that were lost with a connection are not sent again',
    file: 'actors/proposal-generator/command-bodies',
    find: 'if (peer !== this.#leader)',
    replace: 'if (true)',
    caughtBy: 'actors/proposal-generator/forwarding',
  },
  {
    bug: 'a replica takes commands of more clients than its leader will',
    file: 'actors/proposal-generator/command-pool',
    find: 'source === this.#own && !this.#hasRoomForClient(client)',
    replace: 'false',
    caughtBy: 'actors/proposal-generator/command-pool',
  },
  {
    bug: 'a leader drops commands of clients that a gateway took',
    file: 'src/config/limits',
    find: 'peerSessions: 3 * GATEWAY_SESSIONS',
    replace: 'peerSessions: 2 * GATEWAY_SESSIONS',
    caughtBy: 'actors/proposal-generator/forwarding',
  },
  {
    bug: 'a peer may invent clients without end',
    file: 'actors/session-quota',
    find: '(known?.size ?? 0) >= ofSource',
    replace: 'false',
    caughtBy: 'actors/network/receiving',
  },
  {
    bug: 'many addresses may invent clients without end',
    file: 'actors/session-quota',
    find: 'admitted >= ofAll',
    replace: 'false',
    caughtBy: 'actors/gateway/gateway',
  },
  {
    bug: 'one address takes every connection',
    file: 'actors/gateway/greeting',
    find: 'clients >= limits.clientConnectionsPerAddress',
    replace: 'false',
    caughtBy: 'actors/gateway/gateway',
  },
];
