import type { TLSSocket } from 'node:tls';
import { anonymous, type Attributes, type Authenticator, type Authorizer, type UserInfo } from '../auth/auth.ts';
import { demand } from '../auth/authorizer.ts';
import { exactField } from '../auth/exact-field.ts';
import { Impersonation, wantedUser } from '../auth/impersonation.ts';
import type { Request } from './exchange.ts';
import type { RequestInfo } from './request-info.ts';

/** Decides who sends a request and whether he may. */
export class Gate {
  readonly #authenticator: Authenticator;
  readonly #authorizer: Authorizer;
  readonly #impersonation: Impersonation;
  /** The client certificate of each connection, read once. */
  readonly #certificates = new WeakMap<object, Uint8Array | null>();

  constructor(authenticator: Authenticator, authorizer: Authorizer) {
    this.#authenticator = authenticator;
    this.#authorizer = authorizer;
    this.#impersonation = new Impersonation(authorizer);
  }

  /** The user as whom the request runs. Throws Unauthorized or Forbidden. */
  async admit(request: Request, info: RequestInfo, query: URLSearchParams): Promise<UserInfo> {
    const knowing = this.#authenticator.authenticate(this.#credentials(request));
    const sender = (knowing instanceof Promise ? await knowing : knowing) ?? anonymous;
    const attributes = attributesOf(sender, info, query);
    const wanted = wantedUser(request.rawHeaders);
    const user = wanted === undefined ? sender : this.#impersonation.become(wanted, attributes);
    const asked = user === sender ? attributes : { ...attributes, user };
    demand(this.#authorizer, asked);
    if (opensStream(asked)) demand(this.#authorizer, { ...asked, verb: 'create' });
    return user;
  }

  #credentials(request: Request) {
    const certificate = this.#certificateOf(request);
    const header = request.headers.authorization ?? '';
    const token = /^bearer +(.+)$/i.exec(header)?.[1]?.trim();
    return { ...(certificate === undefined ? {} : { certificate }), ...(token === undefined ? {} : { token }) };
  }

  #certificateOf(request: Request): Uint8Array | undefined {
    const session = 'stream' in request ? (request.stream.session ?? request) : request.socket;
    let certificate = this.#certificates.get(session);
    if (certificate === undefined) {
      // An HTTP/2 session shows its socket through a proxy that lets reading calls through.
      const socket = ('socket' in session ? session.socket : session) as TLSSocket;
      certificate = socket.getPeerX509Certificate?.()?.raw ?? null;
      this.#certificates.set(session, certificate);
    }
    return certificate ?? undefined;
  }
}

/** A WebSocket begins with a GET, but what goes through these is more than reading. */
function opensStream({ verb, group, resource, subresource = '' }: Attributes): boolean {
  return verb !== 'create' && group === '' && resource === 'pods' && streams.includes(subresource);
}

const streams = ['exec', 'attach', 'portforward'];

function attributesOf(user: UserInfo, info: RequestInfo, query: URLSearchParams): Attributes {
  if (!info.isResource) return { user, verb: info.verb, path: info.path };
  const { verb, group, version, resource, subresource, namespace, name, isOldWatch } = info;
  const isOfMany = ['list', 'watch', 'deletecollection'].includes(verb) && !isOldWatch;
  const fieldSelector = isOfMany ? (query.get('fieldSelector') ?? '') : '';
  const labelSelector = isOfMany ? (query.get('labelSelector') ?? '') : '';
  // A list of one name is a read of that object: grants with resourceNames cover it.
  const only =
    verb !== 'deletecollection' && name === undefined ? exactField(fieldSelector, 'metadata.name') : undefined;
  const wanted = name ?? only;
  return {
    user,
    verb,
    group,
    version,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(wanted === undefined ? {} : { name: wanted }),
    ...(fieldSelector === '' ? {} : { fieldSelector }),
    ...(labelSelector === '' ? {} : { labelSelector }),
  };
}
