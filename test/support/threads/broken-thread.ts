import { ConfigurationError } from '../../../src/errors.js';

export function runThread(): void {
  throw new ConfigurationError('NO_SHARE', 'there is nothing to share', { left: 0 });
}
