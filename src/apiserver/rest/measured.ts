import type { KubeObject } from '../../apimachinery/object.ts';
import { keyOfOperation, type Answer, type Core, type Operation } from './operation.ts';
import { objectTest } from './selection.ts';

/** Answers a get or list of a kind that is measured and not stored. */
export function readMeasured(core: Core, operation: Operation): Answer {
  const { served, request } = operation;
  const measured = served.measured!;
  if (request.verb === 'get') {
    const { apiVersion, type } = served;
    const found: Readonly<KubeObject> = measured.get(keyOfOperation(operation), core.context);
    return { kind: 'object', code: 200, served, object: { kind: type.kind, apiVersion, ...found } };
  }
  const matches = objectTest(operation);
  const all: readonly Readonly<KubeObject>[] = measured.list(request.namespace, core.context);
  return { kind: 'measured', served, objects: matches === undefined ? all : all.filter(matches) };
}

/** The list as clients read it. */
export function measuredList({ served: { type, apiVersion }, objects }: Answer & { kind: 'measured' }) {
  return { kind: `${type.kind}List`, apiVersion, metadata: {}, items: objects };
}
