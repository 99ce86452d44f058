import { Secrets, type Secret } from '../../api/core/v1/types.ts';
import type { Transport } from '../../apimachinery/request.ts';
import type { ServerContext } from '../context.ts';

const label = 'kubernetes.io/legacy-token-last-used';
const dayMs = 24 * 60 * 60 * 1000;

/** Notes on Secrets the day on which their token was last used, as a label `2026-01-31` (UTC). */
export class LastUse {
  readonly #context: ServerContext;
  /** May change Secrets. */
  readonly #transport: Transport;
  readonly #pending = new Set<string>();

  constructor(context: ServerContext, transport: Transport) {
    this.#context = context;
    this.#transport = transport;
  }

  /** Does not wait for the label; who used the token must not. */
  note({ metadata }: Readonly<Secret>): void {
    const now = this.#context.clock.now();
    const last = metadata.labels?.[label];
    const today = dayOf(now);
    // Another server's clock may be a little ahead.
    if (last === today || last === dayOf(now + dayMs)) return;
    const { namespace, name, uid = '' } = metadata;
    if (this.#pending.has(uid)) return;
    this.#pending.add(uid);
    this.#transport
      .call({
        verb: 'patch',
        type: Secrets,
        ...(namespace === undefined ? {} : { namespace }),
        name,
        patchType: 'merge',
        body: { metadata: { uid, labels: { [label]: today } } },
      })
      .catch((error: unknown) =>
        this.#context.log.error('Cannot note the last use of a token', { namespace, secret: name, error }),
      )
      .finally(() => this.#pending.delete(uid));
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
