/** JSON from a file that people edit: what JSON.parse forgives or forgets is refused, what editors add is ignored. */
import { ConfigurationError } from '../errors.js';

/**
 * Returns the value of a JSON text. A byte order mark and CRLF line ends are accepted.
 * @throws ConfigurationError for an empty text, for text that is no JSON (with line and column), and for a key that
 * stands twice in one object, of which JSON.parse would silently keep the last.
 */
export function parseJsonText(text: string, source: string): unknown {
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (content.trim() === '') {
    throw new ConfigurationError('CLUSTER_FILE_EMPTY', `${source} is empty. Write a cluster with \`hotstuff init\`.`, {
      source,
    });
  }
  const value = parse(content, source);
  const repeated = repeatedKey(content);
  if (repeated === null) return value;
  throw new ConfigurationError(
    'CLUSTER_KEY_TWICE',
    `${source}: the key ${repeated.key} stands twice in one object${at(content, repeated.offset)}. Remove one.`,
    { source, key: repeated.key },
  );
}

function parse(content: string, source: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const offset = /at position (\d+)/.exec(error.message)?.[1];
    const place = offset === undefined ? '' : at(content, Number(offset));
    const reason = error.message.replaceAll(/\s+/g, ' ');
    throw new ConfigurationError(
      'CLUSTER_NOT_JSON',
      `${source} is not JSON${place}: ${reason}. Mend it, or take the file that \`hotstuff init\` wrote.`,
      { source },
    );
  }
}

function at(content: string, offset: number): string {
  const lines = content.slice(0, offset).split('\n');
  return ` (line ${lines.length}, column ${(lines.at(-1) as string).length + 1})`;
}

/** A string, or one of the signs that open, close and separate; between them only numbers, words and blanks stand. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** Finds the first key that an object of a valid JSON text names twice; keys are compared after unescaping. */
function repeatedKey(content: string): { key: string; offset: number } | null {
  const open: Set<string>[] = [];
  let last: { key: string; offset: number } | null = null;
  for (const match of content.matchAll(TOKEN)) {
    const token = match[0];
    if (token === '{' || token === '[') open.push(new Set());
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') last = { key: token, offset: match.index };
    else if (last !== null) {
      const keys = open.at(-1);
      const name = JSON.parse(last.key) as string;
      if (keys?.has(name)) return last;
      keys?.add(name);
    }
  }
  return null;
}
