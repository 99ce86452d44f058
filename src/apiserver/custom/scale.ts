import type { CustomResourceSubresourceScale } from '../../api/apiextensions/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { isObject, memberOf, setMember, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import { invalid, type FieldError } from '../../apimachinery/validation.ts';
import type { ScaleView } from '../rest/resource.ts';

type ScalePaths = Readonly<CustomResourceSubresourceScale>;

/** The scale of objects of a kind whose definition says where it stands. */
export function scaleViewOf(paths: ScalePaths): ScaleView {
  const replicas = namesOf(paths.specReplicasPath);
  const count = (object: Readonly<KubeObject>, path: string) => {
    const value = valueAt(object, namesOf(path));
    return typeof value === 'number' ? value : 0;
  };
  return {
    replicas: (object) => count(object, paths.specReplicasPath),
    setReplicas(draft, value) {
      let at = draft as unknown as JsonObject;
      for (const name of replicas.slice(0, -1)) {
        const below = memberOf(at, name);
        const next = isObject(below) ? below : {};
        setMember(at, name, next);
        at = next;
      }
      setMember(at, replicas.at(-1)!, value);
    },
    statusReplicas: (object) => count(object, paths.statusReplicasPath),
    selector(object) {
      const value = paths.labelSelectorPath ? valueAt(object, namesOf(paths.labelSelectorPath)) : undefined;
      return typeof value === 'string' ? value : '';
    },
    missing: (object) =>
      valueAt(object, replicas) === undefined
        ? `the spec replicas field ${JSON.stringify(paths.specReplicasPath)} does not exist`
        : undefined,
    path: replicas,
  };
}

function namesOf(path: string): readonly string[] {
  return path.replace(/^\./, '').split('.');
}

function valueAt(object: Readonly<KubeObject>, names: readonly string[]): unknown {
  let at: unknown = object;
  for (const name of names) at = isObject(at) ? memberOf(at, name) : undefined;
  return at;
}

const most = 2 ** 31 - 1;

/** What is wrong with the numbers that an object's scale shows. */
export function scaleErrors(object: Readonly<KubeObject>, paths: ScalePaths, which: 'all' | 'status'): FieldError[] {
  const errors: FieldError[] = [];
  const places = which === 'all' ? [paths.specReplicasPath, paths.statusReplicasPath] : [paths.statusReplicasPath];
  for (const path of places) {
    const value = valueAt(object, namesOf(path));
    if (value === undefined) continue;
    if (typeof value !== 'number' || !Number.isInteger(value))
      errors.push(
        invalid(
          path,
          0,
          `${path} accessor error: ${JSON.stringify(value)} is of the type ${goType(value)}, expected int64`,
        ),
      );
    else if (value < 0) errors.push(invalid(path, value, 'should be a non-negative integer'));
    else if (value > most) errors.push(invalid(path, value, `should be less than or equal to ${most}`));
  }
  const { labelSelectorPath: path } = paths;
  const selector = path ? valueAt(object, namesOf(path)) : undefined;
  if (path && selector !== undefined && typeof selector !== 'string')
    errors.push(
      invalid(
        path,
        '',
        `${path} accessor error: ${JSON.stringify(selector)} is of the type ${goType(selector)}, expected string`,
      ),
    );
  return errors;
}

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map[string]interface {}';
}
