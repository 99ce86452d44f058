import type { Authorizer, Decision } from '../auth/auth.ts';

/** The same authorizer, of which `annotations` are told what it decided last, and why. */
export function notingAuthorizer(authorizer: Authorizer, annotations: Map<string, string>): Authorizer {
  const noted = (decision: Decision): Decision => {
    annotations.set('authorization.k8s.io/decision', decision.allowed ? 'allow' : 'forbid');
    annotations.set('authorization.k8s.io/reason', decision.reason);
    return decision;
  };
  return {
    authorize(attributes) {
      const decision = authorizer.authorize(attributes);
      return decision instanceof Promise ? decision.then(noted) : noted(decision);
    },
  };
}
