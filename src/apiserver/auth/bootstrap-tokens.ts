import { createHash, timingSafeEqual } from 'node:crypto';
import {
  bootstrapTokenData,
  bootstrapTokenPrefix,
  bootstrapTokenType,
  isBootstrapTokenOver,
} from '../../api/core/bootstrap-token.ts';
import { Secrets, type Secret } from '../../api/core/v1/types.ts';
import type { ServerContext } from '../context.ts';
import type { UserInfo } from './auth.ts';
import type { OwnTokenReader } from './token-reader.ts';

const shape = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const everyone = 'system:bootstrappers';
const groupShape = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

/** Knows new nodes by the tokens that Secrets in kube-system hold (Authenticating, "Bootstrap tokens"). */
export class BootstrapTokens implements OwnTokenReader {
  readonly #context: ServerContext;
  readonly #users = new WeakMap<Readonly<Secret>, UserInfo>();

  constructor(context: ServerContext) {
    this.#context = context;
  }

  read(token: string): { readonly user: UserInfo } | undefined {
    const [, id, secret] = shape.exec(token) ?? [];
    if (id === undefined || secret === undefined) return undefined;
    const kept = this.#context.lookup(Secrets, { namespace: 'kube-system', name: `${bootstrapTokenPrefix}${id}` });
    if (kept === undefined || !this.#isMeant(kept, id, secret)) return undefined;
    const groups = groupsOf(kept);
    if (groups === undefined) return undefined;
    const known = this.#users.get(kept);
    const user = known ?? { name: `system:bootstrap:${id}`, groups };
    if (known === undefined) this.#users.set(kept, user);
    return { user };
  }

  #isMeant(kept: Readonly<Secret>, id: string, secret: string): boolean {
    return (
      kept.metadata.deletionTimestamp === undefined &&
      kept.type === bootstrapTokenType &&
      isSame(bootstrapTokenData(kept, 'token-secret'), secret) &&
      bootstrapTokenData(kept, 'token-id') === id &&
      !isBootstrapTokenOver(kept, this.#context.clock.now()) &&
      bootstrapTokenData(kept, 'usage-bootstrap-authentication') === 'true'
    );
  }
}

/** `undefined` where a Secret names a group that no token may have. */
function groupsOf(secret: Readonly<Secret>): string[] | undefined {
  const extra = bootstrapTokenData(secret, 'auth-extra-groups');
  const groups = extra === '' ? [] : extra.split(',');
  return groups.every((group) => groupShape.test(group)) ? [...new Set([everyone, ...groups])].sort() : undefined;
}

/** In a time that tells nothing of where they differ. */
function isSame(kept: string, given: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(kept), hash(given));
}
