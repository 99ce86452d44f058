import type { KubeObject } from '../../apimachinery/object.ts';
import type { Core, Operation } from './operation.ts';
export function ownFields(
  _core: Core,
  _operation: Operation,
  _draft: KubeObject,
  _old: Readonly<KubeObject> | undefined,
): void {}
export function appliedOver(
  _core: Core,
  _operation: Operation,
  applied: KubeObject,
  _old: Readonly<KubeObject> | undefined,
): KubeObject {
  return applied;
}
