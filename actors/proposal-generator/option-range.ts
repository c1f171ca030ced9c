import { ConfigurationError } from '../../src/errors.js';

/** @throws ConfigurationError naming the option, its value and the range, when `value` is no whole number within it. */
export function inRange(option: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  const message = `${option} is ${value}; it must be a whole number from ${min} to ${max}`;
  throw new ConfigurationError('OPTION_OUT_OF_RANGE', message, { option, value, min, max });
}
