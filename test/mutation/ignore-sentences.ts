/** A plugin of Stryker: the sentence of a broken rule or of unreadable bytes is for whoever reads it, and no test asks for it. */

/** As much of a node of Babel's tree as is looked at. */
interface Place {
  readonly node: { readonly type: string };
  readonly listKey?: string;
  readonly parent: {
    readonly type: string;
    readonly callee?: { readonly name?: string; readonly property?: { readonly name?: string } };
  } | null;
}

const SENTENCES = ['StringLiteral', 'TemplateLiteral'];

/** Says why the text at `place` is not mutated: it is what `invariant`, or `err` of a reader or writer, is told. */
export function shouldIgnore({ node, listKey, parent }: Place): string | undefined {
  if (!SENTENCES.includes(node.type) || listKey !== 'arguments' || parent?.type !== 'CallExpression') return undefined;
  const told = parent.callee?.name === 'invariant' || parent.callee?.property?.name === 'err';
  return told ? 'a sentence for readers' : undefined;
}

/** By this name Stryker finds what a plugin holds. */
export const strykerPlugins = [{ kind: 'Ignore', name: 'sentences', value: { shouldIgnore } }];
