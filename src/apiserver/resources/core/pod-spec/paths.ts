import { invalid } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';

/** Refuses `..` as an element: a path must not lead out of where it starts. */
export function checkNoBacksteps(errors: Errors, path: string, field: string): void {
  if (hasBackstep(path)) errors.push(invalid(field, path, "must not contain '..'"));
}

export function hasBackstep(path: string): boolean {
  return path.includes('..') && path.split('/').includes('..');
}

/** A relative path that stays below where it starts. */
export function checkRelativePath(errors: Errors, path: string, field: string): void {
  if (path.startsWith('/')) errors.push(invalid(field, path, 'must be a relative path'));
  checkNoBacksteps(errors, path, field);
}

/** A relative path whose first element does not begin with two dots: such names are the kubelet's own. */
export function checkLocalPath(errors: Errors, path: string, field: string): void {
  checkRelativePath(errors, path, field);
  if (path.startsWith('..') && !path.startsWith('../')) errors.push(invalid(field, path, "must not start with '..'"));
}
