import type { Pod, PodCondition } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { isStatus, refused } from '../../apimachinery/status.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { decodeAs } from './body.ts';
import { budgetOf, consume, maySpareUnready, stillProcessed } from './disruption-budget.ts';
import { keyOfOperation, optionOf, type Answer, type Core, type Operation } from './operation.ts';
import { deletionOptions, type DeleteOptionsBody, type DeletionOptions } from './options.ts';
import { entryOf } from './read.ts';
import { checkPreconditions, deleteObject } from './remove.ts';
import { admitUnstored, draftOf } from './write.ts';
import { writeOver } from './write-over.ts';

interface Eviction extends KubeObject {
  deleteOptions?: DeleteOptionsBody;
}

/** How often a pod is looked at again that has changed between a look and its deletion. */
const raceTries = 20;

const done: Answer = {
  kind: 'value',
  code: 201,
  value: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
};

/** `pods/x/eviction`: a delete that respects disruption budgets (policy/v1 Eviction). */
export async function eviction(core: Core, operation: Operation): Promise<Answer> {
  const { name } = keyOfOperation(operation);
  const wanted = decodeAs<Eviction>(operation, 'io.k8s.api.policy.v1.Eviction', {
    kind: 'Eviction',
    apiVersion: 'policy/v1',
  });
  if (wanted.metadata.name !== name) throw refused.badRequest('name in URL does not match name in Eviction object');
  const options = optionsOf(operation, wanted);
  await admitUnstored(core, operation, { operation: 'CREATE', object: wanted, name, dryRun: options.dryRun });
  for (let tries = 1; ; tries++) {
    try {
      await evict(core, operation, options);
      return done;
    } catch (error) {
      // It was changed since it was looked at: what holds for it may be something else now.
      if (!(error instanceof ChangedPodError)) throw error;
      if (tries === raceTries) throw refused.stale(operation.served.type, name);
    }
  }
}

/** Those in the body; only a dry run may be asked for by the query as well. */
function optionsOf(operation: Operation, { deleteOptions = {} }: Eviction): DeletionOptions {
  const dryRun = deleteOptions.dryRun?.length ? deleteOptions.dryRun : [optionOf(operation, 'dryRun') ?? []].flat();
  return deletionOptions(operation, { ...deleteOptions, dryRun });
}

async function evict(core: Core, operation: Operation, options: DeletionOptions): Promise<void> {
  const { served } = operation;
  const pod = entryOf(core, operation).object(served.form) as Readonly<Pod>;
  checkPreconditions(served, pod, options);
  const seen = pod.metadata.resourceVersion;
  // Who names a version means it; else what the answer rests on must not have changed.
  const asSeen = options.resourceVersion === undefined ? seen : undefined;
  if (disruptsNobody(pod)) return remove(core, operation, options, isEnding(pod) ? undefined : asSeen);
  const budget = budgetOf(core.context, pod);
  if (budget === undefined) return remove(core, operation, options, undefined);
  if (isReady(pod) || !maySpareUnready(budget)) {
    await consume(core, operation, budget, pod.metadata.name, options.dryRun);
    return remove(core, operation, options, undefined);
  }
  try {
    await remove(core, operation, options, asSeen);
  } catch (error) {
    throw error instanceof ChangedPodError ? stillProcessed(budget.metadata.name) : error;
  }
}

function isReady({ status }: Readonly<Pod>): boolean {
  return status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}

function isEnding({ status, metadata }: Readonly<Pod>): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' || metadata.deletionTimestamp !== undefined;
}

/** A pod that serves nobody needs no budget. */
function disruptsNobody(pod: Readonly<Pod>): boolean {
  return pod.status?.phase === 'Pending' || isEnding(pod);
}

/** The pod is not what it was when it was looked at. */
class ChangedPodError extends Error {
  override readonly name = 'ChangedPodError';
}

/** Says on the pod why it goes, and deletes it. `asSeen` is the version that it must have before. */
async function remove(
  core: Core,
  operation: Operation,
  options: DeletionOptions,
  asSeen: string | undefined,
): Promise<void> {
  const { request, served } = operation;
  let { resourceVersion } = options;
  if (!options.dryRun) {
    const answer = await writeOver(
      core,
      { ...operation, request: { ...request, verb: 'update', subresource: 'status' } },
      {
        owned: true,
        transform: (old) => {
          if (asSeen !== undefined && asSeen !== old.metadata.resourceVersion) throw new ChangedPodError();
          checkPreconditions(served, old, options);
          return condemned(core, old as Readonly<Pod>);
        },
      },
    );
    if (asSeen !== undefined || resourceVersion !== undefined) resourceVersion = versionOf(answer);
  }
  try {
    await deleteObject(
      core,
      { ...operation, request: { ...request, verb: 'delete', subresource: undefined as never } },
      { ...options, resourceVersion },
    );
  } catch (error) {
    throw asSeen !== undefined && isStatus(error, 'Conflict') ? new ChangedPodError() : error;
  }
}

function versionOf(answer: Answer): string {
  if (answer.kind !== 'object') throw new Error('Cannot evict: a write answered no object');
  const { object } = answer;
  return 'revision' in object ? String(object.revision) : object.metadata.resourceVersion!;
}

function condemned({ context }: Core, old: Readonly<Pod>): Pod {
  const pod = draftOf(old) as Pod;
  const conditions = pod.status?.conditions ?? [];
  const present = conditions.find(({ type }) => type === 'DisruptionTarget');
  const { generation } = pod.metadata;
  const condition: PodCondition = {
    type: 'DisruptionTarget',
    status: 'True',
    lastProbeTime: null as never,
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
    lastTransitionTime: present?.status === 'True' ? present.lastTransitionTime! : rfc3339(context.clock.now()),
    ...(generation !== undefined && { observedGeneration: generation }),
  };
  pod.status = {
    ...pod.status,
    conditions: present ? conditions.map((one) => (one === present ? condition : one)) : [...conditions, condition],
  };
  return pod;
}
