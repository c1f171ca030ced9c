/**
 * How much work clients may make for nothing. What they send is charged by what it costs; the commands among it that are
 * executed give theirs back, so that a client whose commands are wanted is held up by its own executions alone. All else
 * (questions, commands that are here already or refused, bytes that come to nothing) has a bounded part of every window,
 * shared evenly by the addresses that are active, and by the connections of each.
 */

/** How much work clients may make for nothing, in microseconds or about that, and in how many milliseconds. */
export interface PaceBounds {
  readonly windowMs: number;
  /** Of all clients in a window. */
  readonly work: number;
}

/** The pace of all connections of one gateway. */
export interface ClientPace {
  /** The part of a new connection. It begins with the debts of earlier ones of its address: reconnecting pays for nothing. */
  join(address: string, now: number): ClientShare;
  /** When the present window ends; who has used up its share may go on then. */
  readonly windowEndsAt: number;
}

/** The part of one connection. */
export interface ClientShare {
  /** What is left of its share now; it may go on while that is above zero. */
  left(now: number): number;
  /** Charges work; what exceeds the share is made up for in the windows that follow. */
  charge(work: number, now: number): void;
  /** Notes that commands went on to the pool, and what was charged for them. */
  submitted(commands: number, work: number): void;
  /** Gives back the work of commands that were executed: the mean of all that it has submitted and not had back. */
  executed(commands: number, now: number): void;
  /** Leaves its debt with its address. */
  leave(now: number): void;
}

interface Debt {
  readonly work: number;
  readonly since: number;
}

/** Makes the pace of a gateway that nobody has used yet. It remembers the addresses of two windows, and those in debt. */
export function createClientPace(bounds: PaceBounds): ClientPace {
  let index = 0;
  let windowEndsAt = 0;
  /** Connections that made work, by address, in the window before and in this one. */
  let before = new Map<string, number>();
  let current = new Map<string, number>();
  const debts = new Map<string, Debt>();

  function enterWindow(now: number): void {
    if (now < windowEndsAt) return;
    const windows = 1 + Math.floor((now - windowEndsAt) / bounds.windowMs);
    index += windows;
    windowEndsAt = now + bounds.windowMs;
    before = windows === 1 ? current : new Map();
    current = new Map();
    for (const [address, debt] of debts) if (remaining(debt) <= 0) debts.delete(address);
  }

  function remaining({ work, since }: Debt): number {
    return work - (index - since) * bounds.work;
  }

  function shareOf(address: string): number {
    const addresses = Math.max(1, before.size, current.size);
    const connections = Math.max(1, before.get(address) ?? 0, current.get(address) ?? 0);
    return bounds.work / (addresses * connections);
  }

  function takeDebt(address: string): number {
    const debt = debts.get(address);
    debts.delete(address);
    return debt === undefined ? 0 : Math.max(0, remaining(debt));
  }

  return {
    join(address, now) {
      enterWindow(now);
      let left = shareOf(address) - takeDebt(address);
      /** The last window in which it was seen, and in which it made work. */
      let seen = index;
      let active = 0;
      const open = { commands: 0, work: 0 };

      function refresh(at: number): void {
        enterWindow(at);
        const windows = index - seen;
        seen = index;
        if (windows === 0) return;
        const share = shareOf(address);
        // What executions gave back beyond the share is kept for one window.
        if (left <= share || windows > 1) left = Math.min(share, left + windows * share);
      }

      return {
        left(at) {
          refresh(at);
          return left;
        },
        charge(work, at) {
          refresh(at);
          left -= work;
          if (active === index) return;
          active = index;
          current.set(address, (current.get(address) ?? 0) + 1);
        },
        submitted(commands, work) {
          open.commands += commands;
          open.work += work;
        },
        executed(commands, at) {
          const part = open.commands === 0 ? 0 : Math.min(1, commands / open.commands);
          if (part === 0) return;
          refresh(at);
          left = Math.min(Math.max(left, bounds.work), left + part * open.work);
          open.commands -= part * open.commands;
          open.work -= part * open.work;
        },
        leave(at) {
          refresh(at);
          if (left >= 0) return;
          debts.set(address, { work: takeDebt(address) - left, since: index });
        },
      };
    },
    get windowEndsAt() {
      return windowEndsAt;
    },
  };
}
