import { required, type FieldError } from '../../apimachinery/validation.ts';
import { itemSchema, propertySchema, type JsonSchema } from './json-schema.ts';
import { child, index, key } from './paths.ts';

/** What only `allOf`, `anyOf`, `oneOf` or `not` tell of, at the root of a schema: the structure must tell of it too. */
export function completenessErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  checkJunctors(errors, schema, schema, path, path);
  return errors;
}

function checkJunctors(
  errors: FieldError[],
  { not, allOf = [], anyOf = [], oneOf = [] }: JsonSchema,
  structure: JsonSchema,
  structurePath: string,
  path: string,
): void {
  if (not !== undefined) checkNested(errors, not, structure, structurePath, child(path, 'not'));
  for (const [name, list] of Object.entries({ allOf, anyOf, oneOf }))
    for (const [at, one] of list.entries())
      checkNested(errors, one, structure, structurePath, index(child(path, name), at));
}

function checkNested(
  errors: FieldError[],
  nested: JsonSchema,
  structure: JsonSchema | undefined,
  structurePath: string,
  path: string,
): void {
  if (structure === undefined) {
    errors.push(required(structurePath, `because it is defined in ${path}`));
    return;
  }
  checkJunctors(errors, nested, structure, structurePath, path);
  const items = itemSchema(nested);
  if (items !== undefined)
    checkNested(errors, items, itemSchema(structure), child(structurePath, 'items'), child(path, 'items'));
  for (const [name, one] of Object.entries(nested.properties ?? {}))
    checkNested(
      errors,
      one,
      propertySchema(structure, name),
      key(child(structurePath, 'properties'), name),
      key(child(path, 'properties'), name),
    );
}
