import { kubernetesEnvironment, type Environment } from '../../../cel/environment.ts';
import { objectOf, typed, type Declaration } from '../../../cel/declaration.ts';
import { authorizerType, resourceCheckType } from '../../../cel/library/authorizer.ts';
import { compile, prepare, type Program } from '../../../cel/program.ts';
import {
  boolType,
  dynType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
  type Type,
} from '../../../cel/type.ts';

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
  readonly variables?: ReadonlyMap<string, Type>;
}

/** The environment of expressions about requests: of match conditions and of policies. */
export function admissionEnvironment(
  { hasParams, hasAuthorizer, variables }: Scope,
  rest?: Partial<Pick<Environment, 'newStruct' | 'types' | 'functions'>>,
): Environment {
  return kubernetesEnvironment(
    {
      object: dynType,
      oldObject: dynType,
      request: requestDeclaration,
      namespaceObject: namespaceDeclaration,
      ...(hasParams && { params: dynType }),
      ...(hasAuthorizer && { authorizer: authorizerType, 'authorizer.requestResource': resourceCheckType }),
      ...(variables !== undefined && { variables: variablesDeclaration(variables) }),
    },
    rest,
  );
}

function variablesDeclaration(variables: ReadonlyMap<string, Type>): Declaration {
  return object('kubernetes.variables', Object.fromEntries([...variables].map(([name, type]) => [name, typed(type)])));
}

export interface CompiledExpression {
  readonly program: Program;
  readonly type: Type;
}

/** An expression ready to be evaluated, or what is wrong with it. Its result is of one of `types`; without them, of any. */
export function compiledExpression(
  expression: string,
  environment: Environment,
  types?: readonly Type[],
): CompiledExpression | { readonly problem: string } {
  const compiled = compile(expression, environment);
  if (compiled.issues !== undefined) return { problem: `compilation failed: ${compiled.issues}` };
  const { type } = compiled;
  if (types !== undefined && !types.some((one) => one.equals(type))) {
    const wanted = types.length === 1 ? String(types[0]) : `one of [${types.map(({ name }) => name).join(' ')}]`;
    return { problem: `must evaluate to ${wanted} but got ${type}` };
  }
  const program = prepare(compiled);
  return 'problem' in program ? { problem: `compilation failed: ${program.problem}` } : { program, type };
}
