import type { Pod } from '../../api/core/v1/types.ts';
import { PodDisruptionBudgets, type PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { labelSelectorMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { refused, type StatusError } from '../../apimachinery/status.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import type { ServerContext } from '../context.ts';
import type { Core, Operation } from './operation.ts';
import { draftOf } from './write.ts';
import { writeOver } from './write-over.ts';

/** So many granted evictions may be unknown to the controller; more means that it does not run. */
const mostGranted = 2000;
/** When to ask again while the controller is behind. */
const retrySeconds = 10;

/** The one budget that covers a pod, if any. Throws for two, of which nobody knows which counts. */
export function budgetOf(
  { scan }: ServerContext,
  { metadata }: Readonly<Pod>,
): Readonly<PodDisruptionBudget> | undefined {
  const labels = metadata.labels ?? {};
  const budgets = scan(PodDisruptionBudgets, metadata.namespace).filter(
    ({ spec }) => spec.selector !== undefined && labelSelectorMatcher(spec.selector)(labels),
  );
  if (budgets.length > 1)
    throw refused.other(
      500,
      undefined,
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
    );
  return budgets[0];
}

/** Whether a pod that is not ready may go for free: it is not among the healthy ones that the budget protects. */
export function maySpareUnready({ spec, status }: Readonly<PodDisruptionBudget>): boolean {
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {};
  return currentHealthy >= desiredHealthy && desiredHealthy > 0;
}

/**
 * Takes one disruption from the budget at once, so that two evictions cannot both use the last one. Throws when there
 * is none.
 */
export async function consume(
  core: Core,
  operation: Operation,
  { metadata }: Readonly<PodDisruptionBudget>,
  pod: string,
  dryRun: boolean,
): Promise<void> {
  const { request } = operation;
  const options = { ...request.options, ...(dryRun && { dryRun: 'All' }) };
  const { namespace, name } = metadata;
  await writeOver(
    core,
    {
      ...operation,
      served: core.catalogs.current.of(PodDisruptionBudgets),
      request: {
        ...request,
        verb: 'update',
        type: PodDisruptionBudgets,
        namespace: namespace!,
        name,
        subresource: 'status',
        options,
      },
    },
    {
      owned: true,
      transform: (old) => withOneLess(core.context, old as Readonly<PodDisruptionBudget>, pod),
    },
  );
}

function withOneLess({ clock }: ServerContext, old: Readonly<PodDisruptionBudget>, pod: string): PodDisruptionBudget {
  refuseExhausted(old);
  const budget = draftOf(old);
  const status = budget.status!;
  const now = rfc3339(clock.now());
  const left = (status.disruptionsAllowed ?? 0) - 1;
  status.disruptionsAllowed = left;
  status.disruptedPods = { ...status.disruptedPods, [pod]: now };
  if (left > 0) return budget;
  const { generation } = budget.metadata;
  const others = status.conditions?.filter(({ type }) => type !== 'DisruptionAllowed') ?? [];
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'InsufficientPods',
    message: '',
    lastTransitionTime: now,
    ...(generation !== undefined && { observedGeneration: generation }),
  };
  status.conditions = [...others, condition];
  return budget;
}

function refuseExhausted(budget: Readonly<PodDisruptionBudget>): void {
  const { metadata, status } = budget;
  if (status === undefined || (status.observedGeneration ?? 0) < (metadata.generation ?? 0))
    throw stillProcessed(metadata.name);
  const forbidden = (why: string) =>
    refused.forbidden({ group: 'policy', resource: 'poddisruptionbudget' }, metadata.name, why);
  const { disruptionsAllowed = 0 } = status;
  if (disruptionsAllowed < 0) throw forbidden('pdb disruptions allowed is negative');
  if (Object.keys(status.disruptedPods ?? {}).length > mostGranted)
    throw forbidden('DisruptedPods map too big - too many evictions not confirmed by PDB controller');
  if (disruptionsAllowed === 0) throw blocked(whyBlocked(budget), undefined);
}

/** 429: what the budget says is older than what is known. */
export function stillProcessed(budget: string): StatusError {
  return blocked(`The disruption budget ${budget} is still being processed by the server.`, retrySeconds);
}

function blocked(message: string, retryAfterSeconds: number | undefined): StatusError {
  const causes = [{ reason: 'DisruptionBudget', message }];
  return refused.other(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    causes,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
  });
}

/** In upstream's words. Numbers of a budget that could not be computed are not trusted. */
function whyBlocked({ metadata: { name }, status }: Readonly<PodDisruptionBudget>): string {
  const { desiredHealthy = 0, currentHealthy = 0, conditions = [] } = status ?? {};
  const told = conditions.find(({ type }) => type === 'DisruptionAllowed');
  const why = told?.status === 'False' ? told.message : '';
  const notNow = `The disruption budget ${name} does not allow evicting pods currently`;
  if (why && told?.reason === 'SyncFailed') return `${notNow} because it failed sync: ${why}`;
  if (currentHealthy <= desiredHealthy)
    return `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return why ? `${notNow} (${told?.reason}): ${why}` : notNow;
}
