import { blockMachine } from './block.machine.js';
import { connectionMachine } from './connection.machine.js';
import type { NamedMachine } from './description.js';
import { manualPacemakerMachine } from './manual-pacemaker.machine.js';
import { pacemakerMachine } from './pacemaker.machine.js';
import { proposalGeneratorMachine } from './proposal-generator.machine.js';
import { replicaMachine } from './replica.machine.js';
import { storageMachine } from './storage.machine.js';
import { syncMachine } from './sync.machine.js';

/** Every statechart that a replica's actors step through, by name (DESIGN section 5). */
export const machines: readonly NamedMachine[] = [
  { name: 'replica', about: 'a replica, from its start to its end', machine: replicaMachine },
  { name: 'pacemaker', about: 'when to propose, and when to give up a tenure', machine: pacemakerMachine },
  {
    name: 'manual-pacemaker',
    about: 'when to propose, where the application says so',
    machine: manualPacemakerMachine,
  },
  { name: 'block', about: 'the life of one block at one replica', machine: blockMachine },
  {
    name: 'proposal-generator',
    about: 'what the owner of the state machine is doing',
    machine: proposalGeneratorMachine,
  },
  { name: 'connection', about: 'the connection between a pair of replicas', machine: connectionMachine },
  { name: 'sync', about: 'fetching blocks that are missing', machine: syncMachine },
  { name: 'storage', about: 'when the store is written, and how it ends', machine: storageMachine },
];
