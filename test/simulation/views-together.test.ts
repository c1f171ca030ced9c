import test from 'ava';
import { caseOf, replay } from '../../actors/simulate.js';
import { LivenessChecker } from '../../src/simulation/checkers/liveness.js';

test('after the healing each view that is entered is looked at until views are together, and none after that', async (t) => {
  const { enteredView, awaitsViews } = LivenessChecker.prototype;
  let looks = 0;
  let asked = 0;
  LivenessChecker.prototype.enteredView = function (view) {
    looks += 1;
    t.true(this.awaitsViews(view.now));
    enteredView.call(this, view);
  };
  LivenessChecker.prototype.awaitsViews = function (now) {
    asked += 1;
    return awaitsViews.call(this, now);
  };
  t.teardown(() => Object.assign(LivenessChecker.prototype, { enteredView, awaitsViews }));
  const { violations } = await replay(caseOf('vopr', 1, { replicas: 4, eventsMax: 2000 }));
  t.deepEqual(violations, []);
  t.true(looks > 0);
  t.true(asked > looks, 'most views are entered when there is nothing to wait for');
});
