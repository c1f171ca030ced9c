/** The largest cluster of `hotstuff cluster` that is tested; `sizes.test.ts` goes up to seven. */
import test from 'ava';
import { countWords } from '../support/count-words.js';

test.serial('a cluster of 10 counts the words of a text and agrees', (t) => countWords(t, { replicas: 10, times: 1 }));
