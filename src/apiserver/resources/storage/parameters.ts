import { qualifiedName } from '../../../apimachinery/names.ts';
import { invalid, required, tooLong } from '../../../apimachinery/validation.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { complain, type Errors } from '../checks.ts';

const mostParameters = 512;
const mostBytes = 256 * 1024;

/** The name of a provisioner or driver; capitals are allowed. */
export function checkProvisioner(errors: Errors, name: string, field: string): void {
  if (name === '') errors.push(required(field));
  else complain(errors, field, name.toLowerCase(), qualifiedName(name.toLowerCase()));
}

/** What a class tells its provisioner or driver, who alone knows what it means. */
export function checkParameters(errors: Errors, parameters: Readonly<Record<string, string>>, field: string): void {
  const entries = Object.entries(parameters);
  if (entries.length > mostParameters) return void errors.push(tooLong(field, mostParameters));
  let bytes = 0;
  for (const [key, value] of entries) {
    if (key === '') errors.push(invalid(field, key, 'field can not be empty.'));
    bytes += byteLength(key) + byteLength(value);
  }
  if (bytes > mostBytes) errors.push(tooLong(field, mostBytes));
}
