import { checkValue } from '../src/config/check-options.js';
import { limits } from '../src/config/limits.js';
import { blockHash } from '../src/config/option-kinds.js';
import { InvariantViolation, OperationalError } from '../src/errors.js';
import type { BlockHash } from '../src/protocol/numbers.js';
import { onAbort } from './on-abort.js';
import type { PacemakerMessage } from './pacemaker/messages.js';
import type { PacemakerRequest, ProposedBlock, QcOutcome, RequestAnswer } from './pacemaker/requests.js';
import { type RequestOptions, signalOf } from './request-options.js';

interface Open {
  readonly kind: RequestAnswer['kind'];
  readonly resolve: (answer: RequestAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** What an answer is when the request was not refused. */
type AskedFor = Exclude<RequestAnswer['kind'], 'refused'>;

/** The method that asks for each kind of answer, for messages. */
const CALLS: { readonly [Kind in AskedFor]: string } = {
  proposed: 'propose',
  qc: 'waitForQc',
  viewChangeRequested: 'requestViewChange',
};

type Numbered<Request> = Request extends PacemakerRequest ? Omit<Request, 'request'> : never;

/**
 * The application's open requests to its pacemaker: each promise is settled by the answer, by its signal, or by the
 * replica's end, whichever comes first.
 */
export class PacemakerRequests {
  readonly #post: (message: PacemakerMessage) => boolean;
  readonly #open = new Map<number, Open>();
  #last = 0;
  #end: Error | null = null;

  /** `post` hands a message to the pacemaker; false when it could not. */
  constructor(post: (message: PacemakerMessage) => boolean) {
    this.#post = post;
  }

  async propose(body: 'empty' | 'next', options: RequestOptions): Promise<ProposedBlock> {
    return (await this.#ask('proposed', { type: 'proposalRequested', body }, options)).block;
  }

  async waitForQc(block: BlockHash, options: RequestOptions): Promise<QcOutcome> {
    checkValue('hash', block, blockHash);
    return (await this.#ask('qc', { type: 'qcAwaited', block }, options)).outcome;
  }

  async requestViewChange(options: RequestOptions): Promise<void> {
    await this.#ask('viewChangeRequested', { type: 'viewChangeRequested' }, options);
  }

  /** Settles the request of that number; one that was aborted is open no more. */
  answered(request: number, answer: RequestAnswer): void {
    const open = this.#open.get(request);
    if (open === undefined) return;
    this.#open.delete(request);
    if (answer.kind === 'refused') {
      const { code, detail, facts } = answer;
      open.reject(new OperationalError(code, detail, facts));
    } else if (answer.kind === open.kind) open.resolve(answer);
    else open.reject(new InvariantViolation(`the pacemaker answers ${open.kind} with ${answer.kind}`));
  }

  /** The replica has ended: whatever is open, and whatever is asked from now on, is rejected with `error`. */
  end(error: Error): void {
    this.#end ??= error;
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const { reject } of open) reject(this.#end);
  }

  async #ask<Kind extends AskedFor>(
    kind: Kind,
    message: Numbered<PacemakerRequest>,
    options: RequestOptions,
  ): Promise<Extract<RequestAnswer, { kind: Kind }>> {
    const signal = signalOf(CALLS[kind], options);
    if (this.#end !== null) throw this.#end;
    this.#last += 1;
    const request = this.#last;
    if (this.#open.size >= limits.openRequests || !this.#post({ ...message, request })) {
      const max = limits.openRequests;
      throw new OperationalError('TOO_MANY_REQUESTS', `${max} requests at most may wait for their answer`, { max });
    }
    const settled = signal === undefined ? null : onAbort(signal, () => this.#abort(request, signal.reason));
    try {
      const answer = await new Promise<RequestAnswer>((resolve, reject) => {
        this.#open.set(request, { kind, resolve, reject });
      });
      return answer as Extract<RequestAnswer, { kind: Kind }>;
    } finally {
      settled?.();
    }
  }

  #abort(request: number, reason: unknown): void {
    const open = this.#open.get(request);
    this.#open.delete(request);
    this.#post({ type: 'requestCancelled', request });
    open?.reject(reason);
  }
}
