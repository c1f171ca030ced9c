import { OperationalError, type Replica, type View } from 'hotstuff';

/** Why there is nothing to propose in this view: it comes right by itself in a later one. */
const NOT_NOW: ReadonlySet<string> = new Set(['NOT_LEADING', 'PROPOSAL_PENDING', 'TENURE_GIVEN_UP', 'VIEW_LEFT']);
const RUNNING: ReadonlySet<string> = new Set(['syncing', 'active']);

/**
 * The seed's `PaceMakerWaitQC`, for a replica with the manual pacemaker: while it leads it proposes, waits for the block's
 * certificate, and proposes again. Superseded, or while another leads, it waits for a later view.
 */
export class PaceMakerWaitQC {
  readonly #replica: Replica;
  readonly #handOver: number;

  /** After `handOver` certified proposals in a row the next replica is to lead: a rotating leader. By default never. */
  constructor(replica: Replica, { handOver = Number.POSITIVE_INFINITY } = {}) {
    this.#replica = replica;
    this.#handOver = handOver;
  }

  /** Paces the replica; resolves when that stops or fails. */
  async run(): Promise<void> {
    const replica = this.#replica;
    let certified = 0;
    while (RUNNING.has(replica.phase)) {
      const { view } = replica;
      certified = (await this.#propose()) ? certified + 1 : 0;
      if (certified === 0) await this.#viewAfter(view);
      else if (certified >= this.#handOver) await this.#resign();
    }
  }

  /** Whether this replica leads, and has had a block certified. */
  async #propose(): Promise<boolean> {
    const replica = this.#replica;
    if (replica.leader !== replica.id) return false;
    const outcome = await this.#unlessRefused(async () => replica.waitForQc((await replica.propose()).hash));
    return outcome === 'certified';
  }

  async #resign(): Promise<void> {
    await this.#unlessRefused(() => this.#replica.requestViewChange());
  }

  /** What `request` resolves with; undefined where it is not the time for it, or the replica has ended. */
  async #unlessRefused<Result>(request: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await request();
    } catch (error) {
      const isNotNow = error instanceof OperationalError && NOT_NOW.has(error.code);
      if (isNotNow || !RUNNING.has(this.#replica.phase)) return undefined;
      throw error;
    }
  }

  /** Resolves in a later view than `view`, or when the replica does not run any more. */
  #viewAfter(view: View): Promise<void> {
    const replica = this.#replica;
    return new Promise((resolve) => {
      const look = () => {
        if (replica.view <= view && RUNNING.has(replica.phase)) return;
        for (const forget of listening) forget();
        resolve();
      };
      const listening = [replica.on('view', look), replica.on('phase', look)];
      look();
    });
  }
}
