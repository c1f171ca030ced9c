/**
 * The replies of the key-value machine: what each says, as bytes and as text.
 *
 * Bytes: a kind (1), then for a value its bytes, for an integer 8 bytes (signed, big-endian), for an error its text in
 * UTF-8. OK and null have nothing more.
 */
const OK_KIND = 0;
const NULL_KIND = 1;
const VALUE_KIND = 2;
const INTEGER_KIND = 3;
const ERROR_KIND = 4;

/** The machine did what it was told. Shared: nobody writes into it. */
export const OK_REPLY = Uint8Array.of(OK_KIND);
/** There is no such key. Shared: nobody writes into it. */
export const NULL_REPLY = Uint8Array.of(NULL_KIND);

/** Replies with a value, a string of one character a byte. */
export function valueReply(value: string): Uint8Array {
  const bytes = new Uint8Array(1 + value.length);
  bytes[0] = VALUE_KIND;
  Buffer.from(bytes.buffer).write(value, 1, 'latin1');
  return bytes;
}

/** Replies with a number of 64 bits. */
export function integerReply(value: bigint): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = INTEGER_KIND;
  new DataView(bytes.buffer).setBigInt64(1, value);
  return bytes;
}

/** Replies that the command could not be done, and why; the state is as it was. */
export function errorReply(error: string): Uint8Array {
  return Uint8Array.of(ERROR_KIND, ...new TextEncoder().encode(error));
}

/** A reply as users see it. */
export type RenderedReply = string | null | { readonly error: string };

/** Returns what a reply says: `OK`, a value, a number in decimal digits, null for no value, or an error. */
export function renderReply(reply: Uint8Array): RenderedReply {
  const content = reply.subarray(1);
  switch (reply[0]) {
    case OK_KIND:
      return 'OK';
    case NULL_KIND:
      return null;
    case VALUE_KIND:
      return new TextDecoder().decode(content);
    case INTEGER_KIND:
      return content.length === 8
        ? String(new DataView(content.buffer, content.byteOffset).getBigInt64(0))
        : UNREADABLE;
    case ERROR_KIND:
      return { error: new TextDecoder().decode(content) };
    default:
      return UNREADABLE;
  }
}

const UNREADABLE = { error: 'the reply cannot be read: it is from another version of the machine' } as const;
