/** JSON from a file that people edit: what JSON.parse forgives or forgets is refused, what editors add is ignored. */
import { ConfigurationError } from '../errors.js';
import { jsonFault } from './json-fault.js';

/**
 * Returns the value of a JSON text. A byte order mark and CRLF line ends are accepted.
 * @throws ConfigurationError for an empty text, for text that is no JSON, and for a key that stands twice in one object,
 * of which JSON.parse would silently keep the last; the latter two with line and column.
 */
export function parseJsonText(text: string, source: string): unknown {
  const content = text.startsWith('\uFEFF') ? text.slice(1) : text;
  if (content.trim() === '') {
    throw new ConfigurationError('CLUSTER_FILE_EMPTY', `${source} is empty. Write a cluster with \`hotstuff init\`.`, {
      source,
    });
  }
  const fault = jsonFault(content);
  if (fault === null) return JSON.parse(content);
  const { offset, repeatedKey: key, says } = fault;
  const { line, column } = placeOf(content, offset);
  const place = `(line ${line}, column ${column})`;
  if (key === null) {
    const message = `${source} is not JSON ${place}: ${says}. Mend it, or take the file that \`hotstuff init\` wrote.`;
    throw new ConfigurationError('CLUSTER_NOT_JSON', message, { source, line, column });
  }
  const message = `${source}: the key ${JSON.stringify(key)} ${says} ${place}. Remove one.`;
  throw new ConfigurationError('CLUSTER_KEY_TWICE', message, { source, key, line, column });
}

/** Line and column, both from 1. */
function placeOf(content: string, offset: number): { line: number; column: number } {
  const lines = content.slice(0, offset).split('\n');
  return { line: lines.length, column: (lines.at(-1) as string).length + 1 };
}
