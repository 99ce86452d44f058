import type { OpaqueDeviceConfiguration } from '../../../api/resource/v1/types.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { invalid, required, tooLong } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';
import { checkDriverName } from './names.ts';

/** Bytes of JSON that nobody but a driver understands. */
const mostBytes = 10 * 1024;

/** Parameters for a driver. */
export function checkConfiguration(
  errors: Errors,
  { opaque }: { readonly opaque?: OpaqueDeviceConfiguration },
  field: string,
  isStored = false,
): void {
  if (opaque === undefined) return void errors.push(required(`${field}.opaque`));
  checkDriverName(errors, opaque.driver ?? '', `${field}.opaque.driver`);
  checkRawObject(errors, opaque.parameters, `${field}.opaque.parameters`, isStored);
}

/** Any JSON object. One that is stored already may be of any size. */
export function checkRawObject(errors: Errors, value: unknown, field: string, isStored = false): void {
  if (value === undefined || value === null) errors.push(required(field));
  else if (!isStored && byteLength(JSON.stringify(value)) > mostBytes) errors.push(tooLong(field, mostBytes));
  else if (typeof value !== 'object' || Array.isArray(value))
    errors.push(invalid(field, '<value omitted>', 'must be a valid JSON object'));
}
