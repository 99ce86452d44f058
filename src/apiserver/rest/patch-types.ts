import { refused, type StatusError } from '../../apimachinery/status.ts';
import type { ServedVersion } from '../catalog/served-version.ts';

/** Of kinds without a schema for patches, as custom ones. */
const plainPatchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];

/** A patch is of a type that the kind does not know. Of custom kinds it is the kind's own code that says so. */
export function unknownPatchType(served: Pick<ServedVersion, 'isBuiltIn'> | undefined): StatusError {
  if (served?.isBuiltIn !== false) return refused.other(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  const types = plainPatchTypes.join(', ');
  return refused.unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${types}`,
  );
}
