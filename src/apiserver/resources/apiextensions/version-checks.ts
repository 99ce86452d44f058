import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionNames,
  CustomResourceSubresources,
  SelectableField,
} from '../../../api/apiextensions/v1/types.ts';
import { byteLength, goJson, isPrintable } from '../../../apimachinery/go-text.ts';
import { dns1035Label } from '../../../apimachinery/names.ts';
import { duplicate, invalid, required, tooLong, tooMany, type FieldError } from '../../../apimachinery/validation.ts';
import { jsonPathProblem, longestPath } from '../../custom/json-path.ts';
import { findField } from '../../schema/field-path.ts';
import type { JsonSchema } from '../../schema/json-schema.ts';

type Errors = FieldError[];

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

export function columnErrors(columns: readonly Readonly<CustomResourceColumnDefinition>[], path: string): FieldError[] {
  const errors: Errors = [];
  for (const [index, { name, type, format, jsonPath }] of columns.entries()) {
    const at = `${path}[${index}]`;
    if (!name) errors.push(required(`${at}.name`));
    const types = `must be one of ${columnTypes.join(',')}`;
    if (!type) errors.push(required(`${at}.type`, types));
    else if (!columnTypes.includes(type)) errors.push(invalid(`${at}.type`, type, types));
    if (format && !columnFormats.includes(format))
      errors.push(invalid(`${at}.format`, format, `must be one of ${columnFormats.join(',')}`));
    if (!jsonPath) errors.push(required(`${at}.JSONPath`));
    else if (checkPath(errors, jsonPath, `${at}.JSONPath`)) checkBounds(errors, jsonPath, `${at}.JSONPath`);
  }
  return errors;
}

function checkPath(errors: Errors, path: string, field: string): boolean {
  if (path.startsWith('.')) return true;
  errors.push(invalid(field, path, 'must be a simple json path starting with .'));
  return false;
}

/** Paths are followed for every object that is shown, so those that could take long are refused. */
function checkBounds(errors: Errors, path: string, field: string): void {
  if (path.length > longestPath) errors.push(tooLong(field, longestPath));
  else {
    const problem = jsonPathProblem(path);
    if (problem !== undefined) errors.push(invalid(field, path, problem));
  }
}

export function subresourceErrors(
  subresources: Readonly<CustomResourceSubresources> | undefined,
  path: string,
): FieldError[] {
  const scale = subresources?.scale;
  if (scale === undefined) return [];
  const errors: Errors = [];
  const places = [
    ['specReplicasPath', '.spec.'],
    ['statusReplicasPath', '.status.'],
  ] as const;
  for (const [name, start] of places) {
    const at = `${path}.scale.${name}`;
    const given = scale[name];
    if (!given) errors.push(required(at));
    else if (checkPath(errors, given, at) && !given.startsWith(start))
      errors.push(invalid(at, given, `should be a json path under ${start.slice(0, -1)}`));
  }
  const { labelSelectorPath: selector } = scale;
  const at = `${path}.scale.labelSelectorPath`;
  if (selector && checkPath(errors, selector, at) && !/^\.(spec|status)\./.test(selector))
    errors.push(invalid(at, selector, 'should be a json path under either .spec or .status'));
  return errors;
}

const mostSelectableFields = 8;

export function selectableFieldErrors(
  fields: readonly Readonly<SelectableField>[],
  schema: JsonSchema,
  path: string,
  allowTooMany: boolean,
): FieldError[] {
  const errors: Errors = [];
  const seen = new Set<string>();
  for (const [index, { jsonPath }] of fields.entries()) {
    const at = `${path}[${index}].jsonPath`;
    if (!jsonPath) {
      errors.push(required(at));
      continue;
    }
    const found = findField(jsonPath, schema, { brackets: false });
    if ('problem' in found) {
      errors.push(invalid(at, jsonPath, `is an invalid path: ${found.problem}`));
      continue;
    }
    if (found.names[0] === 'metadata') errors.push(invalid(at, jsonPath, 'must not point to fields in metadata'));
    if (!['string', 'boolean', 'integer'].includes(found.schema?.type ?? ''))
      errors.push(
        invalid(
          at,
          jsonPath,
          'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
        ),
      );
    if (seen.has(found.text)) errors.push(duplicate(at, jsonPath));
    seen.add(found.text);
  }
  if (seen.size > mostSelectableFields && !allowTooMany) errors.push(tooMany(path, seen.size, mostSelectableFields));
  return errors;
}

export function nameErrors(names: Readonly<Partial<CustomResourceDefinitionNames>>, path: string): FieldError[] {
  const errors: Errors = [];
  const { plural = '', singular = '', kind = '', listKind = '' } = names;
  const check = (name: string, value: string) => {
    const problems = value === '' ? [] : dns1035Label(value);
    if (problems.length > 0) errors.push(invalid(`${path}.${name}`, value, problems.join(',')));
  };
  const checkKind = (name: string, value: string) => {
    const problems = value === '' ? [] : dns1035Label(value.toLowerCase());
    if (problems.length > 0)
      errors.push(
        invalid(`${path}.${name}`, value, `may have mixed case, but should otherwise match: ${problems.join(',')}`),
      );
  };
  const checkAll = (name: string, values: readonly string[]) => {
    for (const [at, value] of values.entries()) {
      const problems = dns1035Label(value);
      if (problems.length > 0) errors.push(invalid(`${path}.${name}[${at}]`, value, problems.join(',')));
    }
  };
  check('plural', plural);
  check('singular', singular);
  checkKind('kind', kind);
  checkKind('listKind', listKind);
  checkAll('shortNames', names.shortNames ?? []);
  if (kind !== '' && kind === listKind)
    errors.push(invalid(`${path}.listKind`, listKind, 'kind and listKind may not be the same'));
  checkAll('categories', names.categories ?? []);
  return errors;
}

const longestWarning = 256;

export function deprecationErrors(deprecated: boolean, warning: string | undefined, path: string): FieldError[] {
  if (warning === undefined) return [];
  const wrong = (why: string): FieldError => ({
    ...invalid(path, warning, why),
    message: `Invalid value: ${goJson(warning)}: ${why}`,
  });
  if (!deprecated) return [wrong('can only be set for deprecated versions')];
  const errors: Errors = [];
  if (byteLength(warning) > longestWarning) errors.push(wrong('must be <= 256 characters long'));
  if (warning === '') errors.push(wrong('must not be an empty string'));
  let bytes = 0;
  for (const char of warning) {
    if (!isPrintable(char)) {
      errors.push(
        wrong(`must only contain printable UTF-8 characters; non-printable character found at index ${bytes}`),
      );
      break;
    }
    bytes += byteLength(char);
  }
  return errors;
}
