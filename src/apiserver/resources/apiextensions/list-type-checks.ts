import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/validation.ts';
import { itemSchema, propertySchema, type JsonSchema } from '../../schema/json-schema.ts';
import { child, key } from '../../schema/paths.ts';

/** What is wrong with how the lists and maps of a schema are merged. */
export function listTypeErrors(schema: JsonSchema, path: string, requireAtomicSets: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { type = '' } = schema;
  const mapType = schema['x-kubernetes-map-type'];
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const mustBe = (wanted: string, name: string) => {
    const why = `must be ${wanted} if ${name} is specified`;
    errors.push(type === '' ? required(child(path, 'type'), why) : invalid(child(path, 'type'), type, why));
  };
  if (mapType !== undefined && type !== 'object') mustBe('object', 'x-kubernetes-map-type');
  if (mapType !== undefined && mapType !== 'atomic' && mapType !== 'granular')
    errors.push(notSupported(child(path, 'x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
  const listTypePath = child(path, 'x-kubernetes-list-type');
  if (listType !== undefined && type !== 'array') mustBe('array', 'x-kubernetes-list-type');
  else if (requireAtomicSets && listType === 'set') {
    const wrong = divisibleItems(schema);
    if (wrong !== undefined)
      errors.push(
        invalid(
          child(path, 'items', wrong.name),
          wrong.value ?? null,
          'must be atomic as item of a list with x-kubernetes-list-type=set',
        ),
      );
  }
  if (listType !== undefined && !['atomic', 'set', 'map'].includes(listType))
    errors.push(notSupported(listTypePath, listType, ['atomic', 'set', 'map']));
  if (keys.length > 0 && listType !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty';
    errors.push(listType === undefined ? required(listTypePath, why) : invalid(listTypePath, listType, why));
  }
  if (listType === 'map') checkMap(errors, schema, keys, path);
  return errors;
}

/** What of the items of a set can be owned in parts, so that it is no set. */
function divisibleItems(schema: JsonSchema): { readonly name: string; readonly value: string | undefined } | undefined {
  const items = itemSchema(schema);
  const listType = items?.['x-kubernetes-list-type'];
  if (items?.type === 'array' && listType !== undefined && listType !== 'atomic')
    return { name: 'x-kubernetes-list-type', value: listType };
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic')
    return { name: 'x-kubernetes-map-type', value: listType };
  return undefined;
}

/** Whether a list is a set of what can be owned in parts. */
export function isDivisibleSet(schema: JsonSchema): boolean {
  return schema['x-kubernetes-list-type'] === 'set' && divisibleItems(schema) !== undefined;
}

function checkMap(errors: FieldError[], schema: JsonSchema, keys: readonly string[], path: string): void {
  const at = child(path, 'x-kubernetes-list-map-keys');
  if (keys.length === 0) errors.push(required(at, 'must not be empty if x-kubernetes-list-type is map'));
  const itemsPath = child(path, 'items');
  const items = itemSchema(schema);
  if (schema.items === undefined)
    errors.push(required(itemsPath, 'must have a schema if x-kubernetes-list-type is map'));
  else if (items === undefined)
    errors.push(invalid(itemsPath, schema.items, 'must only have a single schema if x-kubernetes-list-type is map'));
  else if (items.type !== 'object')
    errors.push(
      invalid(
        child(itemsPath, 'type'),
        items.type ?? '',
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    );
  else checkKeys(errors, items, keys, path);
}

function checkKeys(errors: FieldError[], items: JsonSchema, keys: readonly string[], path: string): void {
  const at = child(path, 'x-kubernetes-list-map-keys');
  // Each of these shows all keys: made once.
  let notOfItems: FieldError | undefined;
  let twice: FieldError | undefined;
  const seen = new Set<string>();
  for (const name of keys) {
    const own = propertySchema(items, name);
    if (own === undefined)
      errors.push((notOfItems ??= invalid(at, keys, 'entries must all be names of item properties')));
    else if (own.type === 'array' || own.type === 'object')
      errors.push(
        invalid(
          child(key(child(path, 'items', 'properties'), name), 'type'),
          items.type,
          "must be a scalar type if parent array's x-kubernetes-list-type is map",
        ),
      );
    if (seen.has(name)) errors.push((twice ??= invalid(at, keys, 'must not contain duplicate entries')));
    seen.add(name);
  }
}

/** Items of sets and maps must be there, and keys must have a value. */
export function mapKeyErrors(schema: JsonSchema, path: string): FieldError[] {
  const items = itemSchema(schema);
  const listType = schema['x-kubernetes-list-type'];
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return [];
  const errors: FieldError[] = [];
  const itemsPath = child(path, 'items');
  if (items.nullable === true)
    errors.push(
      forbidden(child(itemsPath, 'nullable'), `cannot be nullable when x-kubernetes-list-type is ${listType}`),
    );
  if (listType === 'set') return errors;
  for (const name of schema['x-kubernetes-list-map-keys'] ?? []) {
    const own = propertySchema(items, name);
    if (own === undefined) continue;
    const at = key(child(itemsPath, 'properties'), name);
    if (!items.required?.includes(name) && own.default === undefined)
      errors.push(
        required(
          child(at, 'default'),
          'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
        ),
      );
    if (own.nullable === true)
      errors.push(
        forbidden(child(at, 'nullable'), 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'),
      );
  }
  return errors;
}
