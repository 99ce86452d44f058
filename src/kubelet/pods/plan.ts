import { planEnd } from './plan-end.ts';
import { planRun } from './plan-run.ts';
import type { PodPlan, PodSituation } from './situation.ts';

/**
 * What brings a pod one step nearer to what its object asks for. Pure: reads nothing but the situation. The steps may
 * be taken at the same time; the worker plans again whenever one of them is done or something else has changed.
 */
export function planPod(situation: PodSituation): PodPlan {
  return situation.end === undefined ? planRun(situation) : planEnd(situation);
}
