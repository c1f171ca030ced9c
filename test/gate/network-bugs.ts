import type { PlantedBug } from './planted-bug.js';

/** What one peer, client or stranger must not be able to do to the others. */
export const networkBugs: readonly PlantedBug[] = [
  {
    bug: 'forwarded commands are credited when they are read',
    file: 'actors/network/receive-credit',
    find: 'unconsumed.commands + commands <= commandSpace.commands',
    replace: 'true',
    caughtBy: 'actors/network/receiving',
  },
  {
    bug: 'a few forwarded commands too many silence the votes of their peer',
    file: 'actors/network/receiving',
    find: "if (trafficClass === 'commands' &&",
    replace: 'if (false &&',
    caughtBy: 'actors/network/receiving',
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
