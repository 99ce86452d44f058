import { isObject } from '../../apimachinery/patch/json-value.ts';
import { additionalSchema, itemSchema, type JsonSchema } from './json-schema.ts';

/**
 * Why a schema cannot be one that tells of structure, the first reason that is found; `undefined`: it can. What is wrong
 * with such a schema is told by other checks with a path; this is the last word where those find nothing.
 */
export function conversionProblem(schema: JsonSchema): string | undefined {
  return (
    ownProblem(schema) ??
    junctorProblem(schema) ??
    preservingProblem(schema) ??
    structureProblem(schema, conversionProblem)
  );
}

function nestedProblem(schema: JsonSchema): string | undefined {
  return (
    ownProblem(schema) ?? junctorProblem(schema) ?? preservingProblem(schema) ?? structureProblem(schema, nestedProblem)
  );
}

function ownProblem(schema: JsonSchema): string | undefined {
  const unsupported = (name: string) => `OpenAPIV3Schema '${name}' is not supported`;
  if (schema.id) return unsupported('id');
  if (schema.$schema) return unsupported('schema');
  if (schema.$ref) return unsupported('$ref');
  if (Object.keys(schema.patternProperties ?? {}).length > 0) return unsupported('patternProperties');
  if (Object.keys(schema.dependencies ?? {}).length > 0) return unsupported('dependencies');
  if (schema.additionalItems !== undefined) return unsupported('additionalItems');
  if (Object.keys(schema.definitions ?? {}).length > 0) return unsupported('definitions');
  return undefined;
}

function junctorProblem({ not, allOf = [], anyOf = [], oneOf = [] }: JsonSchema): string | undefined {
  for (const one of [...(not === undefined ? [] : [not]), ...allOf, ...anyOf, ...oneOf]) {
    const problem = nestedProblem(one);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function preservingProblem(schema: JsonSchema): string | undefined {
  return schema['x-kubernetes-preserve-unknown-fields'] === false
    ? "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
    : undefined;
}

function structureProblem(
  schema: JsonSchema,
  problemOf: (schema: JsonSchema) => string | undefined,
): string | undefined {
  if (Array.isArray(schema.items) && schema.items.length > 0)
    return "OpenAPIV3Schema 'items' must be a schema, but is an array";
  const inner = [itemSchema(schema), ...Object.values(schema.properties ?? {}), additionalSchema(schema)];
  for (const one of inner) {
    const problem = isObject(one) ? problemOf(one as JsonSchema) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}
