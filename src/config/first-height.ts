import { asHeight, type Height } from '../protocol/numbers.js';
import { checkValue } from './check-options.js';
import { height } from './option-kinds.js';

/**
 * Returns the height at which a log begins that was asked for its blocks `from` some height: genesis is in no log.
 * @throws ConfigurationError for what is no height.
 */
export function firstHeight(from: Height): Height {
  checkValue('the height from which blocks are asked for', from, height);
  return asHeight(Math.max(1, from));
}
