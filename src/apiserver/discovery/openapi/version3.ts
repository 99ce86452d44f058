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

const dialect: Dialect = { prefix: '#/components/schemas/', version: 3 };

/** What one OpenAPI 3 document covers. */
export interface Coverage {
  readonly paths: readonly Path[];
  readonly plainPaths: readonly PlainPath[];
  /** The tag of its operations, e.g. `apps_v1`. */
  readonly tag: string;
  /** Holds the definitions that the paths name. */
  readonly schema: Schema;
  readonly info: { readonly title: string; readonly version: string };
}

/** An OpenAPI 3 document, with the extensions that kubectl computes patches and explanations from. */
export function* openApi3(
  { paths, plainPaths, tag, schema, info }: Coverage,
  groupVersions: readonly GroupVersion[],
  descriptions: Descriptions,
): Steps<JsonSchema> {
  const named = definitionsOf(paths);
  for (const { answer } of plainPaths) if (answer !== undefined) named.add(answer);
  const entries = [
    ...plainPaths.map((plain): [string, JsonSchema] => [plain.path, plainItem(plain)]),
    ...(yield* each(paths, (path): [string, JsonSchema] => [path.path, pathItem(path, tag)])),
  ];
  return {
    openapi: '3.0.0',
    info,
    paths: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      schemas: yield* definitionSchemas(
        schema,
        reachableDefinitions(schema, named),
        dialect,
        groupVersions,
        descriptions,
      ),
      securitySchemes: {
        BearerToken: {
          type: 'apiKey',
          description: 'Bearer Token authentication',
          name: 'authorization',
          in: 'header',
        },
      },
    },
  };
}

function plainItem({ id, description, tag, answer }: PlainPath): JsonSchema {
  const content = answer === undefined ? { schema: { type: 'string' } } : { schema: reference(answer) };
  return {
    get: {
      tags: [tag],
      description,
      operationId: id,
      responses: { '200': { description: 'OK', content: { 'application/json': content } }, '401': unauthorized },
    },
  };
}

const unauthorized = { description: 'Unauthorized' };

const statusTexts: Readonly<Record<number, string>> = { 200: 'OK', 201: 'Created', 202: 'Accepted' };

function pathItem({ path, operations }: Path, tag: string): JsonSchema {
  const item: JsonSchema = {};
  for (const operation of operations) item[operation.method] = operationObject(operation, tag);
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', uniqueItems: true },
  }));
  item['parameters'] = [...inPath, queryParameter(pretty)];
  return item;
}

function operationObject(operation: Operation, tag: string): JsonSchema {
  const { action, answer, body, description, id, kind, parameters, produces, statusCodes } = operation;
  const schema = answer === undefined ? { type: 'string' } : reference(answer);
  const content = Object.fromEntries(produces.map((type) => [type, { schema }]));
  const responses: JsonSchema = {};
  for (const code of statusCodes) responses[code] = { description: statusTexts[code], content };
  responses[401] = unauthorized;
  const result: JsonSchema = { tags: [tag], description, operationId: id };
  if (parameters.length > 0) result['parameters'] = parameters.map(queryParameter);
  if (body) {
    const sent = { schema: reference(body.definition) };
    result['requestBody'] = {
      content: Object.fromEntries(body.consumes.map((type) => [type, sent])),
      ...(body.required ? { required: true } : {}),
    };
  }
  result['responses'] = responses;
  result['x-kubernetes-action'] = action;
  result['x-kubernetes-group-version-kind'] = { group: kind.group, kind: kind.kind, version: kind.version };
  return result;
}

function queryParameter({ name, type, description }: QueryParameter): JsonSchema {
  return { name, in: 'query', description, schema: { type, uniqueItems: true } };
}

function reference(definition: string): JsonSchema {
  return { $ref: dialect.prefix + definition };
}
