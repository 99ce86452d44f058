import type { Schema } from '../../../apimachinery/schema.ts';
import type { Steps } from '../../../base/in-steps.ts';
import { each } from '../in-pieces.ts';
import type { Descriptions } from '../descriptions.ts';
import { definitionsOf, type Operation, type Path } from './operations.ts';
import { pretty, type QueryParameter } from './parameters.ts';
import type { PlainPath } from './plain-paths.ts';
import {
  definitionSchemas,
  reachableDefinitions,
  type Dialect,
  type GroupVersion,
  type JsonSchema,
} from './schemas.ts';
import type { Coverage } from './version3.ts';

const dialect: Dialect = { prefix: '#/definitions/', version: 2 };

/** The OpenAPI 2 (Swagger) document of everything, which kubectl before 1.29 computes patches and checks from. */
export function* openApi2(
  coverages: readonly Coverage[],
  schema: Schema,
  version: string,
  groupVersions: readonly GroupVersion[],
  descriptions: Descriptions,
): Steps<JsonSchema> {
  const named = new Set<string>();
  const paths: [string, JsonSchema][] = [];
  for (const coverage of coverages) {
    const { paths: own } = coverage;
    for (const name of definitionsOf(own)) named.add(name);
    for (const plain of coverage.plainPaths) {
      if (plain.answer !== undefined) named.add(plain.answer);
      paths.push([plain.path, plainItem(plain)]);
    }
    paths.push(...(yield* each(own, (path): [string, JsonSchema] => [path.path, pathItem(path, coverage.tag)])));
  }
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version },
    paths: Object.fromEntries(paths.sort(([a], [b]) => (a < b ? -1 : 1))),
    definitions: yield* definitionSchemas(
      schema,
      reachableDefinitions(schema, named),
      dialect,
      groupVersions,
      descriptions,
    ),
    securityDefinitions: {
      BearerToken: { type: 'apiKey', description: 'Bearer Token authentication', name: 'authorization', in: 'header' },
    },
    security: [{ BearerToken: [] }],
  };
}

const schemes = ['https'];
const unauthorized = { description: 'Unauthorized' };
const statusTexts: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

function plainItem({ id, description, tag, answer }: PlainPath): JsonSchema {
  return {
    get: {
      tags: [tag],
      description,
      operationId: id,
      consumes: ['application/json'],
      produces: ['application/json'],
      schemes,
      responses: { '200': { description: 'OK', schema: answered(answer) }, '401': unauthorized },
    },
  };
}

function pathItem({ path, operations }: Path, tag: string): JsonSchema {
  const item: JsonSchema = {};
  for (const operation of operations) item[operation.method] = operationObject(operation, tag);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    type: 'string',
    uniqueItems: true,
  }));
  item['parameters'] = [...inPath, queryParameter(pretty)];
  return item;
}

function operationObject(operation: Operation, tag: string): JsonSchema {
  const { action, answer, body, description, id, kind, parameters, produces, statusCodes } = operation;
  const responses: JsonSchema = {};
  for (const code of statusCodes) responses[code] = { description: statusTexts[code], schema: answered(answer) };
  responses[401] = unauthorized;
  const sent = body
    ? [{ name: 'body', in: 'body', ...(body.required ? { required: true } : {}), schema: reference(body.definition) }]
    : [];
  const all = [...sent, ...parameters.map(queryParameter)];
  return {
    tags: [tag],
    description,
    operationId: id,
    consumes: body?.consumes ?? ['*/*'],
    produces,
    schemes,
    ...(all.length > 0 ? { parameters: all } : {}),
    responses,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: kind.group, kind: kind.kind, version: kind.version },
  };
}

function queryParameter({ name, type, description }: QueryParameter): JsonSchema {
  return { name, in: 'query', description, type, uniqueItems: true };
}

function answered(definition: string | undefined): JsonSchema {
  return definition === undefined ? { type: 'string' } : reference(definition);
}

function reference(definition: string): JsonSchema {
  return { $ref: dialect.prefix + definition };
}
