import { memberOverload, type Library } from '../check/function.ts';
import { boolType, stringType, structType, type Type } from '../type.ts';
import { CelObject } from '../values/value.ts';

/** The type of the variable `authorizer`. */
export const authorizerType = structType('kubernetes.authorization.Authorizer');
const pathType = structType('kubernetes.authorization.PathCheck');
const groupType = structType('kubernetes.authorization.GroupCheck');
/** The type of a question about a resource: of the variable `authorizer.requestResource`. */
export const resourceCheckType = structType('kubernetes.authorization.ResourceCheck');
const decisionType = structType('kubernetes.authorization.Decision');

/** What is asked: whether somebody may do something to a path, or to a resource. */
export interface Question {
  /** Asks for this account instead of whoever makes the request. */
  readonly serviceAccount?: { readonly namespace: string; readonly name: string };
  readonly verb: string;
  readonly path?: string;
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

export interface Decision {
  readonly isAllowed: boolean;
  readonly reason: string;
  /** Why it could not be decided, if so. */
  readonly error?: string;
}

/** Answers at once: expressions do not wait. */
export type Authorize = (question: Question) => Decision;

/** A question that is not whole yet. */
class Draft extends CelObject {
  readonly type: Type;
  readonly authorize: Authorize;
  readonly question: Omit<Question, 'verb'>;

  constructor(type: Type, authorize: Authorize, question: Omit<Question, 'verb'>) {
    super();
    this.type = type;
    this.authorize = authorize;
    this.question = question;
  }
}

class DecisionValue extends CelObject {
  readonly decision: Decision;

  constructor(decision: Decision) {
    super();
    this.decision = decision;
  }

  get type(): Type {
    return decisionType;
  }
}

/** The value of the variable `authorizer`, which asks for whoever makes the request. */
export function authorizerValue(authorize: Authorize): CelObject {
  return new Draft(authorizerType, authorize, {});
}

/** The value of the variable `authorizer.requestResource`: a question about a resource, without its verb. */
export function resourceCheckValue(authorize: Authorize, question: Omit<Question, 'verb'>): CelObject {
  return new Draft(resourceCheckType, authorize, question);
}

/** A function that adds a text to a question. */
function adds(id: string, from: Type, to: Type, member: keyof Question) {
  return memberOverload(id, [from, stringType], to, (draft: Draft, text: string) => {
    return new Draft(to, draft.authorize, { ...draft.question, [member]: text });
  });
}

function asks(id: string, of: Type) {
  return memberOverload(id, [of, stringType], decisionType, ({ authorize, question }: Draft, verb: string) => {
    return new DecisionValue(authorize({ ...question, verb }));
  });
}

function forAccount({ authorize, question }: Draft, namespace: string, name: string): Draft {
  return new Draft(authorizerType, authorize, { ...question, serviceAccount: { namespace, name } });
}

const one = [decisionType];

/** Questions to the authorizer: `authorizer.group('apps').resource('deployments').check('create').allowed()`. */
export const authorizerLibrary: Library = {
  path: [adds('authorizer_path', authorizerType, pathType, 'path')],
  group: [adds('authorizer_group', authorizerType, groupType, 'group')],
  serviceAccount: [
    memberOverload('authorizer_serviceaccount', [authorizerType, stringType, stringType], authorizerType, forAccount),
  ],
  resource: [adds('groupcheck_resource', groupType, resourceCheckType, 'resource')],
  subresource: [adds('resourcecheck_subresource', resourceCheckType, resourceCheckType, 'subresource')],
  namespace: [adds('resourcecheck_namespace', resourceCheckType, resourceCheckType, 'namespace')],
  name: [adds('resourcecheck_name', resourceCheckType, resourceCheckType, 'name')],
  fieldSelector: [adds('authorizer_fieldselector', resourceCheckType, resourceCheckType, 'fieldSelector')],
  labelSelector: [adds('authorizer_labelselector', resourceCheckType, resourceCheckType, 'labelSelector')],
  check: [asks('pathcheck_check', pathType), asks('resourcecheck_check', resourceCheckType)],
  allowed: [memberOverload('decision_allowed', one, boolType, ({ decision }: DecisionValue) => decision.isAllowed)],
  reason: [memberOverload('decision_reason', one, stringType, ({ decision }: DecisionValue) => decision.reason)],
  errored: [
    memberOverload('decision_errored', one, boolType, ({ decision }: DecisionValue) => decision.error !== undefined),
  ],
  error: [memberOverload('decision_error', one, stringType, ({ decision }: DecisionValue) => decision.error ?? '')],
};
