import { applyConfiguration, conflictError } from '../../apimachinery/managed-fields/apply.ts';
import { entriesFromScale, entriesOfScale } from '../../apimachinery/managed-fields/scale.ts';
import { managedFieldsAfterUpdate, resetFields } from '../../apimachinery/managed-fields/update.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { invalid } from '../../apimachinery/validation.ts';
import { checkName, configurationOf, decodeAs } from './body.ts';
import { writerOf } from './field-managers.ts';
import { booleanOption } from './boolean-option.ts';
import type { Answer, Core, Operation } from './operation.ts';
import { keyOfOperation, optionOf } from './operation.ts';
import { checkTyped, decodePatch } from './patch-body.ts';
import { patchedCopy } from './patch.ts';
import { entryOf } from './read.ts';
import { writeOver } from './write-over.ts';
import { draftOf } from './write.ts';
import { scaleKind, type Scale } from './scale-kind.ts';

/**
 * `get`, `update` and `patch` of the scale subresource: a view of replicas that is the same for all kinds that have
 * them.
 */
export async function scale(core: Core, operation: Operation): Promise<Answer> {
  const { served, request } = operation;
  if (request.verb === 'get') {
    const entry = entryOf(core, operation);
    await served.form.conversion?.ready([entry]);
    const object = entry.object(served.form);
    const missing = served.subresources!.scale!.missing?.(object);
    if (missing !== undefined) throw refused.internal(missing);
    return answerOf(scaleOf(operation, object));
  }
  const answer = await writeOver(
    core,
    { ...operation, request: { ...request, subresource: undefined as never } },
    {
      transform: (old) => {
        const wanted = wantedScale(core, operation, old);
        const replicas = wanted.spec?.replicas ?? 0;
        if (replicas < 0) {
          throw refused.invalid({ group: 'autoscaling', kind: 'Scale' }, wanted.metadata.name, [
            invalid('spec.replicas', replicas, 'must be greater than or equal to 0'),
          ]);
        }
        const version = wanted.metadata.resourceVersion;
        if (version && version !== old.metadata.resourceVersion) throw refused.stale(served.type, old.metadata.name);
        const draft = draftOf(old);
        served.subresources!.scale!.setReplicas(draft, replicas);
        const entries =
          request.patchType === 'apply'
            ? wanted.metadata.managedFields
            : entriesAfter(core, operation, trackedScale(operation, old), wanted);
        draft.metadata.managedFields = entriesFromScale(old.metadata.managedFields, entries, served.apiVersion);
        return draft;
      },
      owned: true,
    },
  );
  if (answer.kind !== 'object') throw new Error('Cannot scale: a write answered no object');
  const object = 'object' in answer.object ? answer.object.object(served.form) : answer.object;
  return answerOf(scaleOf(operation, object as Readonly<KubeObject>));
}

function answerOf(object: Scale): Answer {
  return { kind: 'object', code: 200, served: scaleKind, object };
}

function wantedScale(core: Core, operation: Operation, old: Readonly<KubeObject>): Scale {
  const { name } = keyOfOperation(operation);
  const now = scaleOf(operation, old);
  if (operation.request.patchType === 'apply') return appliedScale(core, operation, old);
  if (operation.request.verb !== 'update') {
    const read = decodePatch(operation);
    const patched = () => patchedCopy(operation.request.patchType!, now, read.value, scaleKind);
    return checkTyped<Scale>(operation, scaleKind, read, patched);
  }
  const wanted = decodeAs<Scale>(operation, scaleKind.type.definition, scaleKind.form);
  checkName(wanted.metadata.name, name);
  return wanted;
}

/** Server-side apply of a Scale: the owners of its replicas are those of the object. */
function appliedScale(core: Core, operation: Operation, old: Readonly<KubeObject>): Scale {
  const result = applyConfiguration({
    ...writerOf(core, operation, 'scale'),
    live: trackedScale(operation, old),
    applied: configurationOf(operation, operation.body, scaleKind),
    structure: scaleKind.structure,
    force: booleanOption(optionOf(operation, 'force')),
    ignored: resetFields('status'),
  });
  if ('conflicts' in result) throw conflictError(result.conflicts);
  return result.object as unknown as Scale;
}

/** The Scale of an object with those managers that own its replicas. */
function trackedScale(operation: Operation, old: Readonly<KubeObject>): Scale {
  const now = scaleOf(operation, old);
  return { ...now, metadata: { ...now.metadata, managedFields: entriesOfScale(old.metadata.managedFields) } };
}

function entriesAfter(core: Core, operation: Operation, live: Scale, wanted: Scale) {
  const { spec } = wanted;
  return managedFieldsAfterUpdate({
    ...writerOf(core, operation, 'scale'),
    live,
    object: { ...live, spec: spec?.replicas ? { replicas: spec.replicas } : {} } as Scale,
    structure: scaleKind.structure,
    ignored: resetFields('status'),
  });
}

function scaleOf({ served }: Operation, object: Readonly<KubeObject>): Scale {
  const shape = served.subresources!.scale!;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = shape.selector(object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      namespace: namespace!,
      uid: uid!,
      resourceVersion: resourceVersion!,
      creationTimestamp: creationTimestamp!,
    },
    spec: shape.replicas(object) === 0 ? {} : { replicas: shape.replicas(object) },
    status: { replicas: shape.statusReplicas(object), ...(selector === '' ? {} : { selector }) },
  };
}
