import { jsonEqual } from '../../apimachinery/equality.ts';
import type { Authenticator, Authorizer } from '../auth/auth.ts';
import { usualAuthorization, type ServerAuthorization } from '../auth/server-authorization.ts';
import type { ServerAuthentication } from '../auth/server-authentication.ts';
import type { TokenReader } from '../auth/token-reader.ts';
import type { ServerContext } from '../context.ts';
import { Current } from './current.ts';
import { serversAt, type ReloadablePart, type Told } from './reconfiguration.ts';

/** Who knows users now: as a configuration says, which may be another at any time. */
export class AuthenticationInUse implements AsyncDisposable {
  readonly authenticator: Authenticator;
  readonly tokens: TokenReader;
  readonly part: ReloadablePart;
  readonly #current: Current<ServerAuthentication>;

  /** `onChange`: called when another configuration is used. What follows from that is the caller's, and no part of the use. */
  constructor(
    make: (told: Told) => ServerAuthentication,
    first: Told,
    { clock }: ServerContext,
    onChange: (told: Told) => void,
  ) {
    const current = (this.#current = new Current(make(first), clock));
    this.authenticator = {
      authenticate: (credentials, path, headers) =>
        current.value.authenticator.authenticate(credentials, path, headers),
    };
    this.tokens = { read: (token, audiences) => current.value.tokens.read(token, audiences) };
    const anonymousOf = ({ configuration }: Told): unknown => configuration.authentication?.anonymous ?? null;
    this.part = {
      name: 'authentication',
      of({ configuration: { authentication, authenticationOptions }, reviewServers }) {
        const webhook = authenticationOptions?.tokenWebhook?.configFile;
        return [authentication ?? null, authenticationOptions ?? null, serversAt([webhook], reviewServers)];
      },
      use(told) {
        if (!jsonEqual(anonymousOf(told), anonymousOf(first)))
          throw new Error('anonymous: Forbidden: changed from initial configuration file');
        current.replace(make(told));
        onChange(told);
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#current[Symbol.asyncDispose]();
  }
}

/** Who decides now what may be done: as a configuration says, which may be another at any time. */
export class AuthorizationInUse implements AsyncDisposable {
  readonly authorizer: Authorizer;
  readonly part: ReloadablePart;
  readonly #current: Current<ServerAuthorization>;

  constructor(make: (told: Told) => ServerAuthorization, first: Told, { clock }: ServerContext) {
    const current = (this.#current = new Current(make(first), clock));
    this.authorizer = { authorize: (attributes) => current.value.authorizer.authorize(attributes) };
    const usedFromTheStart = ownTypes(first);
    this.part = {
      name: 'authorization',
      of({ configuration: { authorization }, reviewServers }) {
        const files = authorization?.authorizers.map(({ webhook }) => webhook?.connectionInfo.kubeConfigFile) ?? [];
        return [authorization ?? null, serversAt(files, reviewServers)];
      },
      use(told) {
        const types = ownTypes(told);
        const missing = usedFromTheStart.filter((type) => !types.includes(type));
        if (missing.length > 0) throw new Error(`missing required types: [${missing.join(' ')}]`);
        const added = types.find((type) => (type === 'Node' || type === 'RBAC') && !usedFromTheStart.includes(type));
        if (added !== undefined)
          throw new Error(`authorizer type ${added} is not allowed if it was not enabled at initial server startup`);
        current.replace(make(told));
      },
    };
  }

  /** As {@link ServerAuthorization.withoutRules}. */
  withoutRules(): readonly string[] {
    return this.#current.value.withoutRules;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#current[Symbol.asyncDispose]();
  }
}

/** Types of authorizers that are no webhooks, sorted. */
function ownTypes({ configuration: { authorization = usualAuthorization } }: Told): string[] {
  return authorization.authorizers
    .map(({ type }) => type)
    .filter((type) => type !== 'Webhook')
    .toSorted();
}
