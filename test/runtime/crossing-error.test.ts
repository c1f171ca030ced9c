import test from 'ava';
import { OperationalError } from '../../src/errors.js';
import { errorData, errorFrom } from '../../src/runtime/crossing-error.js';

test('an error of ours comes out in its class, with what it had', (t) => {
  const thrown = new OperationalError('STORE_LOCKED', 'in use', { path: 'd' }, new TypeError('why'));
  const crossed = errorFrom(structuredClone(errorData(thrown)));
  t.true(crossed instanceof OperationalError);
  t.like(crossed, { code: 'STORE_LOCKED', message: 'in use', facts: { path: 'd' }, stack: thrown.stack });
  t.like(crossed.cause as Error, { name: 'TypeError', message: 'why' });
});

test('whatever was thrown crosses as an error that says it, even what throws when it is looked at', (t) => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const hidden = Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('not to be read');
    },
  });
  const loud = {
    toString: () => {
      throw new Error('not to be shown');
    },
  };
  for (const thrown of [Object.create(null), loud, hidden, proxy]) {
    const crossed = errorFrom(structuredClone(errorData(thrown)));
    t.is(crossed.message, 'something that cannot be shown as text');
  }
  t.is(errorFrom(errorData('text')).message, 'text');
  t.is(errorFrom(errorData(7)).message, '7');
});

test('fields that are no plain data are left where they are', (t) => {
  const odd = Object.assign(new Error('odd'), { code: () => 1, facts: { act: () => 1 } });
  Object.assign(odd, { name: Symbol('odd'), stack: () => 'odd' });
  t.like(errorFrom(structuredClone(errorData(odd))), { name: 'Error', message: 'odd' });
});
