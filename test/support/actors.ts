/**
 * Our own actors for tests, each behind the border that the host of the running test has. Whoever tests an actor makes it
 * here: by no other way may a test of `test/actors` reach what makes one, and outside of a test that has a host this throws.
 */
import { createClientActor as client } from '../../actors/client/client.js';
import { createConsensus as consensus } from '../../actors/consensus/consensus.js';
import { createPacemaker as pacemaker } from '../../actors/default-actors.js';
import { createGateway as gateway } from '../../actors/gateway/gateway.js';
import { createNetwork as network } from '../../actors/network/network.js';
import { createManualPacemaker as manualPacemaker } from '../../actors/pacemaker/manual-pacemaker.js';
import { createProposalGenerator as proposalGenerator } from '../../actors/proposal-generator/proposal-generator.js';
import { createReplicaActor as replica } from '../../actors/replica/replica.js';
import { createStorage as storage } from '../../actors/storage/storage.js';
import { createSync as sync } from '../../actors/sync/sync.js';
import { behindBorder } from './border.js';

export { reservedViews } from '../../actors/consensus/consensus.js';

type AnyBehaviour = Parameters<typeof behindBorder>[0];

function behind<Options extends readonly unknown[], Made extends AnyBehaviour>(
  make: (...options: Options) => Made,
): (...options: Options) => Made {
  return (...options) => behindBorder(make(...options));
}

export const createClientActor = behind(client);
export const createConsensus = behind(consensus);
export const createGateway = behind(gateway);
export const createManualPacemaker = behind(manualPacemaker);
export const createNetwork = behind(network);
export const createPacemaker = behind(pacemaker);
export const createProposalGenerator = behind(proposalGenerator);
export const createReplicaActor = behind(replica);
export const createStorage = behind(storage);
export const createSync = behind(sync);
