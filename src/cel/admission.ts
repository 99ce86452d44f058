import { objectOf, typed, type Declaration } from './declaration.ts';
import { kubernetesEnvironment, type Environment } from './environment.ts';
import { authorizerType, resourceCheckType } from './library/authorizer.ts';
import { boolType, dynType, intType, listType, mapType, stringType, timestampType, type Type } from './type.ts';

const text = typed(stringType);
const texts: Declaration = { ...typed(listType(stringType)), element: text };
const textMap: Declaration = { ...typed(mapType(stringType, stringType)), element: text };
const time: Declaration = { ...typed(timestampType), minSize: 21, isPlain: false };

function object(name: string, fields: Readonly<Record<string, Declaration>>): Declaration {
  const isPlain = Object.values(fields).every((field) => field.isPlain);
  return objectOf(name, new Map(Object.entries(fields)), { minSize: 2, isPlain });
}

const kind = object('kubernetes.GroupVersionKind', { group: text, version: text, kind: text });
const resource = object('kubernetes.GroupVersionResource', { group: text, version: text, resource: text });

/** A request as expressions see it; the objects are variables of their own. */
const requestDeclaration = object('kubernetes.AdmissionRequest', {
  kind,
  resource,
  subResource: text,
  requestKind: kind,
  requestResource: resource,
  requestSubResource: text,
  name: text,
  namespace: text,
  operation: text,
  userInfo: object('kubernetes.UserInfo', {
    username: text,
    uid: text,
    groups: texts,
    extra: { ...typed(mapType(stringType, listType(stringType))), element: texts },
  }),
  dryRun: typed(boolType),
  options: typed(dynType),
});

const condition = object('kubernetes.NamespaceCondition', {
  status: text,
  type: text,
  lastTransitionTime: time,
  message: text,
  reason: text,
});

const namespaceDeclaration = object('kubernetes.Namespace', {
  metadata: object('kubernetes.NamespaceMetadata', {
    name: text,
    generateName: text,
    namespace: text,
    labels: textMap,
    annotations: textMap,
    UID: text,
    creationTimestamp: time,
    deletionGracePeriodSeconds: typed(intType),
    deletionTimestamp: time,
    generation: typed(intType),
    resourceVersion: text,
    finalizers: texts,
  }),
  spec: object('kubernetes.NamespaceSpec', { finalizers: texts }),
  status: object('kubernetes.NamespaceStatus', {
    conditions: { ...typed(listType(condition.type)), element: condition, isPlain: false },
    phase: text,
  }),
});

/** What an expression of admission may read besides the request and its objects. */
export interface Scope {
  readonly hasParams: boolean;
  readonly hasAuthorizer: boolean;
  /** The same map for all expressions of a policy: each sees what is in it when it is read. A copy for each would be many. */
  readonly variables?: ReadonlyMap<string, Declaration>;
  /** What the object and the old one are (default: anything). */
  readonly object?: Declaration;
  /** The same of the parameter. */
  readonly params?: Declaration;
  /** Whether the rights to what is asked for can be looked at without naming it (default: where there is an authorizer). */
  readonly hasRequestResource?: boolean;
}

/** The environment of expressions about requests: of match conditions and of policies. */
export function admissionEnvironment(
  { hasParams, hasAuthorizer, variables, object: kind, params, hasRequestResource = hasAuthorizer }: Scope,
  rest?: Partial<Pick<Environment, 'newStruct' | 'types' | 'functions'>>,
): Environment {
  return kubernetesEnvironment(
    {
      object: kind ?? dynType,
      oldObject: kind ?? dynType,
      request: requestDeclaration,
      namespaceObject: namespaceDeclaration,
      ...(hasParams && { params: params ?? dynType }),
      ...(hasAuthorizer && { authorizer: authorizerType }),
      ...(hasRequestResource && { 'authorizer.requestResource': resourceCheckType }),
      ...(variables !== undefined && { variables: variablesDeclaration(variables) }),
    },
    rest,
  );
}

function variablesDeclaration(variables: ReadonlyMap<string, Declaration>): Declaration {
  return objectOf('kubernetes.variables', variables, { minSize: 2, isPlain: false });
}

const plainKinds: ReadonlySet<Type['kind']> = new Set([
  'bool',
  'bytes',
  'double',
  'duration',
  'int',
  'null',
  'string',
  'timestamp',
  'uint',
]);

/** The type of a variable as other expressions see it: of objects, optionals and the like they know nothing. */
export function variableDeclaration(type: Type): Declaration {
  return typed(variableType(type));
}

function variableType(type: Type): Type {
  if (type.kind === 'list') return listType(variableType(type.parameters[0]!));
  if (type.kind === 'map') return mapType(variableType(type.parameters[0]!), variableType(type.parameters[1]!));
  return plainKinds.has(type.kind) ? type : dynType;
}
