/**
 * Runs actors once the sockets and timers that are ready now have had their turn.
 * setImmediate, not a microtask: microtasks run before Node goes back to its event loop, so that actors which keep
 * giving each other work would never let a socket or timer in.
 */
export function scheduleTurn(run: () => void): void {
  setImmediate(run);
}

/** Resolves once the sockets and timers that are ready now have had their turn: for long work between two of its steps. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => scheduleTurn(resolve));
}
