import type { PlantedBug } from './planted-bug.js';

const SCHEDULE = 'actors/consensus/leader-schedule';
const RECOVERY = 'actors/consensus/history-recovery';

/** What the schedule by reputation, and those who ask it, must not do. */
export const leaderBugs: readonly PlantedBug[] = [
  {
    bug: 'the schedule goes by the newest commits, which others may not have, until the horizon decides',
    file: 'src/protocol/committed-activity',
    find: '(this.#active.get(tenure) ?? null)',
    replace: '(this.#active.get(tenure) ?? this.#participants())',
    caughtBy: SCHEDULE,
    match: '*have committed different prefixes*',
  },
  {
    bug: 'without commits those go on leading who did, and who is locked above them never has its turn',
    file: 'src/protocol/committed-activity',
    find: '(this.#active.get(tenure) ?? null)',
    replace: '(this.#active.get(tenure) ?? [...this.#active.values()].at(-1) ?? null)',
    caughtBy: 'actors/consensus/lost-block',
    match: '*leads in time*',
  },
  {
    bug: 'the horizon is a tenure later',
    file: 'src/protocol/leader-schedule',
    find: 'asTenure(tenure - back)',
    replace: 'asTenure(tenure - back + 1)',
    caughtBy: 'protocol/leader-schedule',
  },
  {
    bug: 'after a restart the blocks below earlier tenures are not read back',
    file: 'actors/consensus/history-recovery',
    find: 'Math.max(1, last - memory.tenures)',
    replace: 'last',
    caughtBy: RECOVERY,
  },
  {
    bug: 'the leader is looked at before the certificates of the proposal count',
    file: 'actors/consensus/proposals',
    find: '    learnQc(context, proposal.block.header.justify);\n    if (proposal.tc',
    replace:
      "    if (leaderAt(context, proposal.block.header.view) !== from) return 'leaderUnsettled';\n    learnQc(context, proposal.block.header.justify);\n    if (proposal.tc",
    caughtBy: SCHEDULE,
    match: 'the certificates of a proposal*',
  },
  {
    bug: 'a certified block is refused for its proposer',
    file: 'actors/consensus/proposals',
    find: ' !== proposer && !isCertified(context, block))',
    replace: ' !== proposer)',
    caughtBy: SCHEDULE,
    match: 'a certified block*',
  },
  {
    bug: 'a correct replica is excluded for what it has committed and we have not',
    file: 'actors/consensus/proposals',
    find: 'if (!mayLead(context, proposer, view))',
    replace: 'if (true)',
    caughtBy: SCHEDULE,
    match: 'whom others may take*',
  },
  {
    bug: 'votes are refused that another takes to the right leader',
    file: 'actors/consensus/votes',
    find: 'if (!mayCollect(context, vote.view))',
    replace: 'if (!collectorsOf(context, vote.view).includes(settings.id))',
    caughtBy: SCHEDULE,
    match: 'votes are taken in*',
  },
  {
    bug: 'a commit that decides upon another leader of the present view is told to nobody',
    file: 'actors/consensus/certificates',
    find: "(anotherLeads ? 'commit' : null)",
    replace: 'null',
    caughtBy: SCHEDULE,
    match: 'a commit that decides*',
  },
  {
    bug: 'votes that came besides another’s certificate are left out of the next proposal',
    file: 'actors/consensus/proposing',
    find: 'context.votes.strengthened(context.heldQc)',
    replace: 'context.heldQc',
    caughtBy: SCHEDULE,
    match: 'a leader puts every vote*',
  },
];
