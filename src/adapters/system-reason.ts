import { getSystemErrorMap } from 'node:util';

/** Says what the system says of an error of its own, in words and with its code: `no such file or directory (ENOENT)`. */
export function systemReason({ code, errno, message }: NodeJS.ErrnoException): string {
  const [, words] = (errno === undefined ? undefined : getSystemErrorMap().get(errno)) ?? [];
  return words === undefined || code === undefined ? oneLine(message) : `${words} (${code})`;
}

/** A text of several lines in one. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
