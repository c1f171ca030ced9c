import { limits } from '../src/config/limits.js';
import { ConfigurationError } from '../src/errors.js';

/** Returns why something can be no command, whatever the machine; null where it may be one. */
export function commandFault(command: unknown): ConfigurationError | null {
  if (!isBytes(command)) {
    const is = command === null ? 'null' : Array.isArray(command) ? 'an array' : `of type ${typeof command}`;
    return new ConfigurationError('COMMAND_NOT_BYTES', `a command is ${is}; it must be a Uint8Array`, { is });
  }
  const bytes = command.length;
  const most = limits.commandBytes;
  if (bytes <= most) return null;
  const message = `a command has ${bytes} bytes; at most ${most} are allowed`;
  return new ConfigurationError('COMMAND_TOO_LARGE', message, { bytes, most });
}

/** Of any realm: what a script in a context of its own has made is no instance of the Uint8Array here. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';
}
