import type { ResourceFacts, SubresourceFacts, Verb } from '../../../api/resource-facts.ts';
import { schema } from '../../../api/schema.ts';
import type { Schema } from '../../../apimachinery/schema.ts';
import { queryParameters, type QueryParameter } from './parameters.ts';

/** What can be done at one path with one method, in words that OpenAPI 2 and 3 share. */
export interface Operation {
  readonly method: 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch';
  readonly id: string;
  readonly description: string;
  /** `x-kubernetes-action`: the verb, in the words of Kubernetes' documents. */
  readonly action: string;
  readonly kind: GroupVersionKind;
  readonly parameters: readonly QueryParameter[];
  /** The definition that is sent; absent when nothing is. */
  readonly body?: { readonly definition: string; readonly consumes: readonly string[]; readonly required: boolean };
  /** The definition that is answered; absent for plain text and streams. */
  readonly answer?: string;
  readonly statusCodes: readonly number[];
  readonly produces: readonly string[];
}

export interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

export interface Path {
  /** As a template: `/api/v1/namespaces/{namespace}/pods/{name}`. */
  readonly path: string;
  readonly operations: readonly Operation[];
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const objectTypes = ['application/json', 'application/yaml'];
const watchTypes = [...objectTypes, 'application/json;stream=watch'];
const patchTypes = [
  'application/apply-patch+yaml',
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
];
/** Kinds that are not Kubernetes' own have no schema for strategic merges. */
const plainPatchTypes = patchTypes.filter((type) => !type.includes('strategic'));
const anyType = ['*/*'];

type Method = Operation['method'];

/** How verbs that reach one object are called in operation names, and what they send and answer. */
const objectVerbs: readonly { verb: Verb; method: Method; word: string; action: string; codes: readonly number[] }[] = [
  { verb: 'get', method: 'get', word: 'read', action: 'get', codes: [200] },
  { verb: 'update', method: 'put', word: 'replace', action: 'put', codes: [200, 201] },
  { verb: 'patch', method: 'patch', word: 'patch', action: 'patch', codes: [200, 201] },
  { verb: 'delete', method: 'delete', word: 'delete', action: 'delete', codes: [200, 202] },
];
const connectMethods: Partial<Record<Verb, readonly Method[]>> = {
  get: ['get', 'head', 'options'],
  create: ['post'],
  update: ['put'],
  patch: ['patch'],
  delete: ['delete'],
};

let definitionsByKind: Map<string, string> | undefined;

/** The definition of a kind, if it is recorded or among `own`. */
function definitionOfKind({ group, version, kind }: GroupVersionKind, own: Schema = {}): string | undefined {
  definitionsByKind ??= new Map(
    Object.entries(schema).flatMap(([name, { gvk = [] }]) => gvk.map((text): [string, string] => [text, name])),
  );
  const text = `${group}/${version}/${kind}`;
  return definitionsByKind.get(text) ?? Object.keys(own).find((name) => own[name]!.gvk?.includes(text));
}

/** The definitions that operations name. */
export function definitionsOf(paths: readonly Path[]): Set<string> {
  const names = new Set<string>();
  for (const { operations } of paths) {
    for (const { body, answer } of operations) {
      if (body) names.add(body.definition);
      if (answer !== undefined) names.add(answer);
    }
  }
  return names;
}

/** `/api/v1`, or `/apis/apps/v1`. */
export function basePath(group: string, version: string): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

/** The paths of one resource with its subresources. */
export function resourcePaths(facts: ResourceFacts): Path[] {
  const { type } = facts;
  const base = basePath(type.group, type.version);
  const collection = `${base}/${type.namespaced ? 'namespaces/{namespace}/' : ''}${type.resource}`;
  const everywhere = type.namespaced && facts.verbs.includes('list') ? [listEverywhere(facts, base)] : [];
  return [
    { path: collection, operations: collectionOperations(facts) },
    { path: `${collection}/{name}`, operations: objectOperations(facts) },
    ...facts.subresources.flatMap((one) => subresourcePaths(facts, one, `${collection}/{name}/${one.name}`)),
    ...everywhere,
  ].filter(({ operations }) => operations.length > 0);
}

/** `CoreV1`, `RbacAuthorizationV1`, `CertManagerIoV1`: the part of operation names that says the group and version. */
export function groupVersionWord(group: string, version: string): string {
  const words = group === '' ? ['core'] : group.replace(/\.k8s\.io$/, '').split(/[.-]/);
  return [...words, version].map(capitalised).join('');
}

function listEverywhere(facts: ResourceFacts, base: string): Path {
  const { group, version, kind, resource } = facts.type;
  const id = `list${groupVersionWord(group, version)}${kind}ForAllNamespaces`;
  return { path: `${base}/${resource}`, operations: [listOperation(facts, id)] };
}

function collectionOperations(facts: ResourceFacts): Operation[] {
  const { type, verbs } = facts;
  const { kind } = type;
  const operations: Operation[] = [];
  if (verbs.includes('list')) operations.push(listOperation(facts, operationId(facts, 'list')));
  if (verbs.includes('create')) {
    operations.push({
      ...common(facts, 'post', operationId(facts, 'create'), `create a ${kind}`, 'post'),
      body: { definition: type.definition, consumes: anyType, required: true },
      answer: type.definition,
      statusCodes: [200, 201, 202],
    });
  }
  if (verbs.includes('deletecollection')) {
    const id = operationId(facts, 'delete', 'Collection');
    operations.push({
      ...common(facts, 'delete', id, `delete collection of ${kind}`, 'deletecollection'),
      body: { definition: `${meta}.DeleteOptions`, consumes: anyType, required: false },
      answer: `${meta}.Status`,
      statusCodes: [200],
    });
  }
  return operations;
}

function listDefinitionOf({ type: { definition }, listKind }: ResourceFacts): string {
  return listKind === undefined ? `${definition}List` : definition.slice(0, definition.lastIndexOf('.') + 1) + listKind;
}

function listOperation(facts: ResourceFacts, id: string): Operation {
  const { type } = facts;
  return {
    ...common(facts, 'get', id, `list or watch objects of kind ${type.kind}`, 'list'),
    answer: listDefinitionOf(facts),
    statusCodes: [200],
    produces: watchTypes,
  };
}

function objectOperations(facts: ResourceFacts): Operation[] {
  const { type, verbs } = facts;
  return objectVerbs
    .filter(({ verb }) => verbs.includes(verb))
    .map(({ method, word, action, codes }) => ({
      ...common(facts, method, operationId(facts, word), `${word} the specified ${type.kind}`, action),
      ...exchange(facts, action, type.definition),
      statusCodes: codes,
    }));
}

/** What is sent and answered for one object. */
function exchange(
  { schema: own }: ResourceFacts,
  action: string,
  definition: string,
): Pick<Operation, 'body' | 'answer'> {
  if (action === 'get') return { answer: definition };
  if (action === 'delete') {
    return {
      body: { definition: `${meta}.DeleteOptions`, consumes: anyType, required: false },
      answer: `${meta}.Status`,
    };
  }
  return action === 'patch'
    ? {
        body: {
          definition: `${meta}.Patch`,
          consumes: own === undefined ? patchTypes : plainPatchTypes,
          required: true,
        },
        answer: definition,
      }
    : { body: { definition, consumes: anyType, required: true }, answer: definition };
}

function subresourcePaths(facts: ResourceFacts, subresource: SubresourceFacts, path: string): Path[] {
  const { type } = facts;
  const { group = type.group, version = type.version } = subresource;
  const kind = { group, version, kind: subresource.kind };
  const definition = definitionOfKind(kind, facts.schema);
  if (subresource.name === 'log') return [{ path, operations: [logOperation(facts)] }];
  if (definition !== undefined) return [{ path, operations: objectSubresource(facts, subresource, kind, definition) }];
  const connections = connectOperations(facts, subresource, kind);
  if (subresource.name !== 'proxy') return [{ path, operations: connections }];
  const withPath = connections.map((operation) => ({ ...operation, id: `${operation.id}WithPath` }));
  return [
    { path, operations: connections },
    { path: `${path}/{path}`, operations: withPath },
  ];
}

function objectSubresource(
  facts: ResourceFacts,
  { name, verbs }: SubresourceFacts,
  kind: GroupVersionKind,
  definition: string,
): Operation[] {
  const about = `${name} of the specified ${facts.type.kind}`;
  const operations = objectVerbs
    .filter(({ verb }) => verbs.includes(verb))
    .map(({ method, word, action, codes }) => ({
      ...common(facts, method, operationId(facts, word) + capitalised(name), `${word} ${about}`, action),
      kind,
      ...exchange(facts, action, definition),
      statusCodes: codes,
    }));
  if (!verbs.includes('create')) return operations;
  const create: Operation = {
    ...common(
      facts,
      'post',
      operationId(facts, 'create') + capitalised(name),
      `create ${name} of a ${facts.type.kind}`,
      'post',
    ),
    kind,
    body: { definition, consumes: anyType, required: true },
    answer: definition,
    statusCodes: [200, 201, 202],
  };
  return [...operations, create];
}

function logOperation(facts: ResourceFacts): Operation {
  return {
    ...common(facts, 'get', `${operationId(facts, 'read')}Log`, `read log of the specified ${facts.type.kind}`, 'get'),
    parameters: queryParameters('log'),
    statusCodes: [200],
    produces: ['text/plain', ...objectTypes],
  };
}

function connectOperations(
  facts: ResourceFacts,
  { name, verbs, kind }: SubresourceFacts,
  gvk: GroupVersionKind,
): Operation[] {
  const methods = verbs.flatMap((verb) => connectMethods[verb] ?? []);
  const simple = name === 'proxy' ? methods : methods.filter((method) => method === 'get' || method === 'post');
  const { type } = facts;
  return simple.map((method) => {
    const id = `connect${groupVersionWord(type.group, type.version)}${capitalised(method)}${scopeWord(facts)}${type.kind}${capitalised(name)}`;
    const description = `connect ${method.toUpperCase()} requests to ${name} of ${type.kind}`;
    return {
      ...common(facts, method, id, description, 'connect'),
      kind: gvk,
      parameters: queryParameters(kind),
      statusCodes: [200],
      produces: anyType,
    };
  });
}

function common(facts: ResourceFacts, method: Method, id: string, description: string, action: string) {
  const { group, version, kind } = facts.type;
  const parameters = queryParameters(action);
  return { method, id, description, action, kind: { group, version, kind }, parameters, produces: objectTypes };
}

function operationId(facts: ResourceFacts, word: string, infix = ''): string {
  const { group, version, kind } = facts.type;
  return `${word}${groupVersionWord(group, version)}${infix}${scopeWord(facts)}${kind}`;
}

function scopeWord({ type }: ResourceFacts): string {
  return type.namespaced ? 'Namespaced' : '';
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
