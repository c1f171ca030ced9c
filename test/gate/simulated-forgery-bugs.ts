import type { SimulatedBug } from './planted-bug.js';

/** Those that let through what a liar forges: certificates, blocks that are fetched, and a proposal of whoever does not lead. */
export const simulatedForgeryBugs: readonly SimulatedBug[] = [
  {
    bug: 'a certificate may name one signer twice',
    file: 'src/protocol/certificates',
    find: 'if (signature.signer <= previous)',
    replace: 'if (signature.signer < previous)',
    guards: [
      {
        file: 'src/wire/certificate-schema',
        find: 'return entries.every((entry, index) => index === 0 || entries[index - 1].signer < entry.signer);',
        replace: 'return true;',
      },
    ],
    options: { strategies: ['duplicateSigner'], liarsProbability: 1 },
  },
  {
    bug: 'a certificate may name a signer who is no replica',
    file: 'src/protocol/certificates',
    find: 'Number.isInteger(signer) && signer >= 0 && signer < replicas',
    replace: 'true',
    guards: [
      {
        file: 'actors/consensus/certificate-verifier',
        find: '|| verifier.verify(signer, bytes, signature)',
        replace: '|| signer >= replicas || verifier.verify(signer, bytes, signature)',
      },
    ],
    options: { strategies: ['nonMember'], liarsProbability: 1 },
  },
  {
    bug: 'the signatures of a timeout certificate are not looked at',
    file: 'actors/consensus/certificate-verifier',
    find: '!certificate.timeouts.every(timeout) ||',
    replace: '',
    options: { strategies: ['forgedTimeouts'], liarsProbability: 1 },
  },
  {
    bug: 'a Timeout needs no signature',
    file: 'actors/consensus/timeouts',
    find: 'if (!sound || !verifier.timeout(timeout))',
    replace: 'if (!sound)',
    options: { strategies: ['forgedTimeouts'], liarsProbability: 1 },
  },
  {
    bug: 'a certificate that comes with fetched blocks is not verified',
    file: 'actors/sync/answer-check',
    find: 'return verifyCertificate(certificate) ?',
    replace: 'return true ?',
    options: { strategies: ['forgedSync'], liarsProbability: 1 },
  },
  {
    bug: 'sync takes blocks that do not link',
    file: 'actors/sync/answer-check',
    find: 'return header.height === before.height + 1 && header.parent === before.hash && header.justify.block === before.hash;',
    replace: 'return true;',
    guards: [
      { file: 'src/protocol/block-tree', find: "return 'orphan';", replace: ';' },
      { file: 'src/protocol/block-tree', find: 'return isChild(block, parent) ?', replace: 'return true ?' },
    ],
    options: { strategies: ['wrongSync'], liarsProbability: 1 },
  },
  {
    bug: 'an answer of sync is as long as who answers likes',
    file: 'actors/sync/answer-check',
    find: 'if (blocks.length > maxBlocks || (blocks.length > 1 && bodyBytes(blocks) > maxBytes))',
    replace: 'if (false)',
    options: { strategies: ['stretchedSync'], tightLimits: ['smallReads'], liarsProbability: 1 },
  },
  {
    bug: 'whoever proposes is voted for, whoever leads',
    file: 'actors/consensus/votes',
    find: 'if (view !== context.view || leaderAt(context, view) !== proposer)',
    replace: 'if (view !== context.view)',
    guards: [
      {
        file: 'actors/consensus/proposals',
        find: 'if (leaderAt(context, view) !== proposer && !isCertified(context, block))',
        replace: 'if (false)',
      },
    ],
    options: { strategies: ['outOfTurn'], liarsProbability: 1 },
  },
  {
    bug: 'a proposal needs no signature',
    file: 'actors/consensus/proposals',
    find: 'if (!context.settings.verifier.proposal(proposal))',
    replace: 'if (false)',
    options: { strategies: ['forgedProposals'], liarsProbability: 1 },
  },
];
