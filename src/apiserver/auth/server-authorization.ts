import type {
  AuthorizationConfiguration,
  AuthorizerConfiguration,
} from '../configuration/authorization-configuration.ts';
import type { ServerContext } from '../context.ts';
import { notedAuthorizer, type AccessTallies } from './access-tallies.ts';
import type { Authorizer, ImmediateAuthorizer } from './auth.ts';
import { superuserAuthorizer, unionAuthorizer } from './authorizer.ts';
import { IngressAuthorizer } from './ingress-authorizer.ts';
import { NodeAuthorizer } from './node-authorizer.ts';
import type { RoleBasedAuthorizer } from './rbac.ts';
import type { ReviewServer } from './webhook/remote-review.ts';
import { WebhookAuthorizer } from './webhook/webhook-authorizer.ts';

/** Where the servers are that a configuration names by a kubeconfig, by the path of that. */
export type ReviewServers = ReadonlyMap<string, ReviewServer>;

export function reviewServerAt(file: string, servers: ReviewServers): ReviewServer {
  const server = servers.get(file);
  if (server === undefined) throw new Error(`Cannot ask a webhook: its kubeconfig "${file}" was not read`);
  return server;
}

/** Everybody who decides what may be done. */
export interface ServerAuthorization extends Disposable {
  readonly authorizer: Authorizer;
  /** Whether a user's rules do not tell all that he may do, and who says so. */
  readonly withoutRules: readonly string[];
}

/** What decides where nothing is configured. */
export const usualAuthorization: AuthorizationConfiguration = {
  authorizers: [
    { type: 'Node', name: 'node' },
    { type: 'RBAC', name: 'rbac' },
  ],
};

const always = (allowed: boolean): ImmediateAuthorizer => ({
  authorize: () =>
    allowed ? { allowed, reason: '' } : { allowed: false, denied: false, reason: 'Everything is forbidden.' },
});

/** Those who know by themselves what may be done: made once for a server, for they follow what is stored. */
export class OwnAuthorizers {
  readonly roles: RoleBasedAuthorizer;
  readonly #context: ServerContext;
  #nodes: ImmediateAuthorizer | undefined;

  constructor(roles: RoleBasedAuthorizer, context: ServerContext) {
    this.roles = roles;
    this.#context = context;
  }

  /** Of nodes and of their ingresses. */
  get nodes(): ImmediateAuthorizer {
    return (this.#nodes ??= unionAuthorizer([new NodeAuthorizer(this.#context), new IngressAuthorizer(this.#context)]));
  }
}

/** Superusers first, whatever is configured; then who the configuration names, in its order. */
export function serverAuthorization(
  own: OwnAuthorizers,
  context: ServerContext,
  tallies: AccessTallies,
  { authorizers }: AuthorizationConfiguration = usualAuthorization,
  servers: ReviewServers = new Map(),
): ServerAuthorization {
  const webhooks: WebhookAuthorizer[] = [];
  function authorizerOf({ type, name, webhook }: AuthorizerConfiguration): Authorizer {
    if (type === 'Node') return own.nodes;
    if (type === 'RBAC') return own.roles;
    if (webhook === undefined) return always(type === 'AlwaysAllow');
    const server = reviewServerAt(webhook.connectionInfo.kubeConfigFile ?? '', servers);
    const made = new WebhookAuthorizer(name, webhook, server, { ...context, tally: tallies.webhook(name) });
    webhooks.push(made);
    return made;
  }
  const configured = authorizers.map((one) => {
    const tally = tallies.decision(one.type, one.name);
    return notedAuthorizer(authorizerOf(one), (decision) => {
      if (decision.allowed) tally.allowed++;
      else if (decision.denied) tally.denied++;
    });
  });
  return {
    authorizer: unionAuthorizer([superuserAuthorizer, ...configured]),
    withoutRules: webhooks.length > 0 ? ['webhook authorizer does not support user rule resolution'] : [],
    [Symbol.dispose]: () => webhooks.forEach((one) => one[Symbol.dispose]()),
  };
}
