import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Logger } from '../../../base/logger.ts';
import { RequestRefusal } from '../refusal.ts';
import { callerOf, isTrusted, type KubeletCaller } from './client-identity.ts';
import type { KubeletAccess } from './kubelet-access.ts';
import { nodeAttributes } from './node-attributes.ts';

/** Who asks and whether they may. `path` is what the request is served by. Throws {@link RequestRefusal}. */
export async function admit(access: KubeletAccess, request: IncomingMessage, path: string, log: Logger): Promise<void> {
  const caller = callerOf(request.socket as TLSSocket) ?? (await bearer(access, request, log));
  if (caller === undefined) throw new RequestRefusal(401, 'Unauthorized');
  if (isTrusted(caller)) return;
  const attributes = nodeAttributes(request.method ?? 'GET', path);
  const { verb, subresources } = attributes;
  const about = `user=${caller.name}, verb=${verb}, resource=nodes, subresource(s)=[${subresources.join(' ')}]`;
  let isAllowed;
  try {
    isAllowed = await access.allows(caller, attributes);
  } catch (error) {
    log.warn('Cannot find out what a caller may do', { user: caller.name, error: String(error) });
    throw new RequestRefusal(500, `Authorization error (${about})\n`);
  }
  if (!isAllowed) throw new RequestRefusal(403, `Forbidden (${about})\n`);
}

async function bearer(
  access: KubeletAccess,
  request: IncomingMessage,
  log: Logger,
): Promise<KubeletCaller | undefined> {
  const token = /^bearer +(\S+)\s*$/i.exec(request.headers.authorization ?? '')?.[1];
  if (token === undefined) return undefined;
  try {
    return await access.identify(token);
  } catch (error) {
    log.warn('Cannot find out whose token it is', { error: String(error) });
    return undefined;
  }
}
