/**
 * What is to happen when each signal is aborted. One listener a signal: many commands share the signal of a shutdown, and Node
 * warns of a leak from the eleventh listener on.
 */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `act` once when `signal` is aborted, at once where it is; the returned function ends that. */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  if (signal.aborted) {
    act();
    return () => undefined;
  }
  const acts = waiting.get(signal) ?? listenTo(signal);
  acts.add(act);
  return () => {
    acts.delete(act);
  };
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const acts = new Set<() => void>();
  waiting.set(signal, acts);
  signal.addEventListener(
    'abort',
    () => {
      for (const act of acts) act();
      acts.clear();
    },
    { once: true },
  );
  return acts;
}
