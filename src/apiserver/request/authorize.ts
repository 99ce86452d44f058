import type { Authorizer, UserInfo } from '../auth/auth.ts';
import { demand } from '../auth/authorizer.ts';
import { attributesOf } from './attributes.ts';
import type { Target } from './target.ts';

/** Subresources of pods through which a client does more than read, whatever method opens them. */
const podStreams: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/** Throws Forbidden unless the user may do what the target is. */
export function authorize(authorizer: Authorizer, user: UserInfo, target: Target): void | Promise<void> {
  const attributes = attributesOf(user, target);
  const demanded = demand(authorizer, attributes);
  if (!opensPodStream(target) || target.verb === 'create') return demanded;
  // A WebSocket begins with a GET.
  const demandToo = (): void | Promise<void> => demand(authorizer, { ...attributes, verb: 'create' });
  return demanded instanceof Promise ? demanded.then(demandToo) : demandToo();
}

function opensPodStream(target: Target): boolean {
  if (!target.isResource || target.subresource === undefined) return false;
  return target.group === '' && target.resource === 'pods' && podStreams.has(target.subresource);
}
