import type { Pod } from '../../api/core/v1/types.ts';
import { PodDisruptionBudgets, type PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { labelSelectorMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { refused } from '../../apimachinery/status.ts';
import { decodeAs } from './body.ts';
import { isDryRun, keyOfOperation, type Answer, type Core, type Operation } from './operation.ts';
import { entryOf } from './read.ts';
import { deleteObject } from './remove.ts';
import { writeOver } from './write-over.ts';
import { draftOf } from './write.ts';

interface Eviction extends KubeObject {
  deleteOptions?: {
    gracePeriodSeconds?: number;
    dryRun?: string[];
    preconditions?: { uid?: string; resourceVersion?: string };
  };
}

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
  const { served } = operation;
  const pod = entryOf(core, operation).object(served.form) as Readonly<Pod>;
  const options = wanted.deleteOptions ?? {};
  const dryRun = isDryRun(operation) || (options.dryRun?.length ?? 0) > 0;
  const uid = options.preconditions?.uid;
  if (uid !== undefined && uid !== pod.metadata.uid) {
    throw refused.conflict(
      { group: '', resource: 'Pod' },
      name,
      `the UID in the precondition (${uid}) does not match the UID in record (${pod.metadata.uid}). The object might have been deleted and then recreated`,
    );
  }
  if (!maySkipBudgets(pod)) await consumeBudget(core, operation, pod, dryRun);
  await deleteObject(
    core,
    { ...operation, request: { ...operation.request, verb: 'delete', subresource: undefined as never } },
    {
      gracePeriodSeconds: options.gracePeriodSeconds,
      propagation: undefined,
      uid,
      resourceVersion: options.preconditions?.resourceVersion,
      dryRun,
    },
  );
  return done;
}

/** A pod that serves nobody disrupts nobody. */
function maySkipBudgets({ status, metadata }: Readonly<Pod>): boolean {
  const phase = status?.phase;
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending' || metadata.deletionTimestamp !== undefined;
}

async function consumeBudget(core: Core, operation: Operation, pod: Readonly<Pod>, dryRun: boolean): Promise<void> {
  const labels = pod.metadata.labels ?? {};
  const budgets = core.context
    .scan(PodDisruptionBudgets, pod.metadata.namespace)
    .filter(({ spec }) => spec.selector !== undefined && labelSelectorMatcher(spec.selector)(labels));
  if (budgets.length > 1)
    throw refused.other(
      500,
      undefined,
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  const budget = budgets[0];
  if (budget === undefined) return;
  const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {};
  const maySpare =
    budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ||
    (currentHealthy >= desiredHealthy && desiredHealthy > 0);
  if (!isReady && maySpare) return;
  refuseExhausted(budget);
  if (dryRun) return;
  const served = core.catalogs.current.of(PodDisruptionBudgets);
  const { namespace, name } = budget.metadata;
  const { request } = operation;
  await writeOver(
    core,
    {
      ...operation,
      served,
      request: {
        ...request,
        verb: 'update',
        type: PodDisruptionBudgets,
        namespace: namespace!,
        name,
        subresource: 'status',
      },
    },
    {
      owned: true,
      transform: (old) => withOneLess(core, old as Readonly<PodDisruptionBudget>, pod.metadata.name),
    },
  );
}

/** Counts the disruption at once, so that two evictions cannot both use the last one. */
function withOneLess({ context }: Core, old: Readonly<PodDisruptionBudget>, pod: string): PodDisruptionBudget {
  refuseExhausted(old);
  const budget = draftOf(old) as PodDisruptionBudget;
  const status = budget.status!;
  status.disruptionsAllowed = (status.disruptionsAllowed ?? 0) - 1;
  status.disruptedPods = {
    ...status.disruptedPods,
    [pod]: new Date(context.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  return budget;
}

function refuseExhausted({ metadata, status }: Readonly<PodDisruptionBudget>): void {
  const blocked = (message: string) => {
    const details = { causes: [{ reason: 'DisruptionBudget', message }] };
    return refused.other(
      429,
      'TooManyRequests',
      "Cannot evict pod as it would violate the pod's disruption budget.",
      details,
    );
  };
  if (status === undefined || (status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw blocked(`The disruption budget ${metadata.name} is still being processed by the server.`);
  }
  if ((status.disruptionsAllowed ?? 0) > 0) return;
  throw blocked(
    `The disruption budget ${metadata.name} needs ${status.desiredHealthy} healthy pods and has ${status.currentHealthy} currently`,
  );
}
