/** Hands messages to a bounded mailbox in order, and holds them back, with all reading stopped, while it refuses. */

interface Delivery<M> {
  /** Nothing is lost and nothing overtakes: behind a refused message all later ones wait. `taken`: see `Deliver`. */
  deliver(message: M, taken?: () => void): void;
  /** Whether messages wait, so that sockets must not read. */
  readonly holding: boolean;
  /** Forgets what waits and takes no more. */
  end(): void;
}

interface Waiting<M> {
  readonly message: M;
  readonly taken: (() => void) | undefined;
}

/** How soon a refused message is offered again. */
const RETRY_MS = 1;

interface DeliveryOptions<M> {
  /** False: the mailbox refused. */
  readonly accept: (message: M, taken?: () => void) => boolean;
  /** Called when `holding` has changed. What arrives while it holds is only what sockets had read already. */
  readonly onHoldingChanged: () => void;
}

/** Makes the way into one mailbox for all sockets of its actor. A refused message is offered again each millisecond. */
export function createDelivery<M>(options: DeliveryOptions<M>): Delivery<M> {
  const { accept, onHoldingChanged } = options;
  let waiting: Waiting<M>[] = [];
  let retry: NodeJS.Timeout | null = null;
  let ended = false;

  function offerAgain(): void {
    let taken = 0;
    for (const { message, taken: onTaken } of waiting) {
      if (!accept(message, onTaken)) break;
      taken += 1;
    }
    waiting = waiting.slice(taken);
    if (waiting.length > 0) {
      retry = setTimeout(offerAgain, RETRY_MS);
      return;
    }
    retry = null;
    onHoldingChanged();
  }

  return {
    deliver(message, taken) {
      if (ended) return;
      if (retry === null && accept(message, taken)) return;
      waiting.push({ message, taken });
      if (retry !== null) return;
      retry = setTimeout(offerAgain, RETRY_MS);
      onHoldingChanged();
    },
    get holding() {
      return retry !== null;
    },
    end() {
      ended = true;
      waiting = [];
      if (retry !== null) clearTimeout(retry);
      retry = null;
    },
  };
}
