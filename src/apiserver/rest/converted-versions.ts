import type { OtherVersions } from '../../apimachinery/managed-fields/other-versions.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ServedVersion } from '../catalog/served-version.ts';

/** Somebody else converts, and has been asked. */
class NotYet extends Error {
  readonly answer: Promise<readonly KubeObject[]>;

  constructor(answer: Promise<readonly KubeObject[]>) {
    super('Cannot go on: a conversion is under way');
    this.answer = answer;
  }
}

/**
 * Runs `compute` with the other versions of a custom kind that managers of `old` wrote it in, or with none where they all
 * wrote it in the request's. Where a webhook converts, it is run again with what has come, until it needs no more: it has
 * to do the same each time, and to change nothing.
 */
export function withVersions<T>(
  { isBuiltIn, stored, apiVersion }: ServedVersion,
  old: Readonly<KubeObject> | undefined,
  compute: (versions: OtherVersions | undefined) => T | Promise<T>,
): T | Promise<T> {
  const isForeign = (version: string | undefined): boolean => version !== undefined && version !== apiVersion;
  if (isBuiltIn || stored?.isLabelled !== true) return compute(undefined);
  if (old?.metadata.managedFields?.some((entry) => isForeign(entry.apiVersion)) !== true) return compute(undefined);

  const converted: KubeObject[] = [];
  const once = (): T | Promise<T> => {
    let next = 0;
    return compute({
      structureOf: (version) => stored.versions.find((one) => one.apiVersion === version)?.structure,
      convert(object, version) {
        const at = next++;
        if (at < converted.length) return converted[at];
        const { managedFields: _managedFields, ...metadata } = (object as KubeObject).metadata;
        const answer = stored.convert([{ ...(object as KubeObject), metadata }], version);
        if (answer instanceof Promise) throw new NotYet(answer);
        return (converted[at] = answer[0]!);
      },
    });
  };
  const again = async (error: unknown): Promise<T> => {
    for (let why = error; ;) {
      if (!(why instanceof NotYet)) throw why;
      converted.push((await why.answer)[0]!);
      try {
        return await once();
      } catch (next) {
        why = next;
      }
    }
  };
  try {
    const result = once();
    return result instanceof Promise ? result.catch(again) : result;
  } catch (error) {
    return again(error);
  }
}
