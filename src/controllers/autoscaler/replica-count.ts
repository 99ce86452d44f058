import type { Pod } from '../../api/core/v1/types.ts';
import { milliValue, parseQuantity } from '../../apimachinery/quantity.ts';
import { podRequests } from '../../api/core/pod-requests.ts';
import { isFinished, podCondition } from '../pod-state.ts';
import { parseTime } from '../../apimachinery/time.ts';
import type { Sample, Samples } from './meter.ts';

/** How far from 1 the ratio of usage and target may be before anything is done. */
export interface Tolerance {
  readonly up: number;
  readonly down: number;
}

/** How many replicas a metric asks for, and what was measured: per pod in thousandths, or as a share in percent. */
export interface Count {
  readonly replicas: number;
  readonly usage: number;
  readonly utilization?: number;
}

/** So long after its start a pod may be busy with starting. */
const startingMs = 5 * 60_000;
/** Who becomes unready so soon after its start was never ready. */
const firstReadinessMs = 30_000;

function isWithin({ up, down }: Tolerance, ratio: number): boolean {
  return 1 - down <= ratio && ratio <= 1 + up;
}

interface Groups {
  readonly ready: number;
  /** Not started, or not ready: what they use says nothing yet. */
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  readonly ignored: readonly string[];
}

function grouped(pods: readonly Readonly<Pod>[], samples: Samples, resource: string, now: number): Groups {
  let ready = 0;
  const unready: string[] = [];
  const missing: string[] = [];
  const ignored: string[] = [];
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const sample = samples.get(name);
    if (deletionTimestamp !== undefined || isFinished(pod)) ignored.push(name);
    else if (pod.status?.phase === 'Pending') unready.push(name);
    else if (sample === undefined) missing.push(name);
    else if (resource === 'cpu' && isStarting(pod, sample, now)) unready.push(name);
    else ready++;
  }
  return { ready, unready, missing, ignored };
}

/** Whether the cpu that a pod uses may be for its start only. */
function isStarting(pod: Readonly<Pod>, sample: Sample, now: number): boolean {
  const condition = podCondition(pod, 'Ready');
  const started = parseTime(pod.status?.startTime);
  if (condition === undefined || started === undefined) return true;
  const changed = parseTime(condition.lastTransitionTime) ?? 0;
  if (started + startingMs > now) return condition.status === 'False' || sample.at < changed + sample.windowMs;
  return condition.status === 'False' && started + firstReadinessMs > changed;
}

/** What a number of samples says, and the ratio to what is wanted. */
type Measure = (samples: Samples) => { readonly ratio: number; readonly usage: number; readonly utilization?: number };

interface Question {
  readonly pods: readonly Readonly<Pod>[];
  readonly samples: Samples;
  readonly current: number;
  readonly tolerance: Tolerance;
  readonly resource: string;
  readonly now: number;
}

/**
 * The documented algorithm: what cannot be measured counts, where pods are to be taken away, as if it used what it
 * should (`ifMissing`), and where pods are to be added, as if it used nothing; nothing is done where that turns the
 * direction.
 */
function countBy(question: Question, measure: Measure, ifMissing: (pod: string) => number): Count {
  const { pods, current, tolerance, resource, now } = question;
  if (pods.length === 0) throw new Error('no pods returned by selector while calculating replica count');
  const { ready, unready, missing, ignored } = grouped(pods, question.samples, resource, now);
  const samples = new Map(question.samples);
  for (const name of [...ignored, ...unready]) samples.delete(name);
  if (samples.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)');
  const { ratio, ...measured } = measure(samples);
  const countsUnready = unready.length > 0 && ratio > 1;
  if (!countsUnready && missing.length === 0)
    return { ...measured, replicas: isWithin(tolerance, ratio) ? current : Math.ceil(ratio * ready) };
  const assume = (name: string, value: number): unknown => samples.set(name, { value, at: now, windowMs: 0 });
  if (ratio < 1) for (const name of missing) assume(name, ifMissing(name));
  if (ratio > 1) for (const name of missing) assume(name, 0);
  if (countsUnready) for (const name of unready) assume(name, 0);
  const { ratio: assumed } = measure(samples);
  if (isWithin(tolerance, assumed) || turns(ratio, assumed)) return { ...measured, replicas: current };
  const replicas = Math.ceil(assumed * samples.size);
  const isOpposite = (assumed < 1 && replicas > current) || (assumed > 1 && replicas < current);
  return { ...measured, replicas: isOpposite ? current : replicas };
}

function turns(before: number, after: number): boolean {
  return (before < 1 && after > 1) || (before > 1 && after < 1);
}

/** For a target per pod, in thousandths. */
export function countByValue(question: Question, target: number): Count {
  return countBy(
    question,
    (samples) => {
      const usage = Math.trunc(sumOf(samples) / samples.size);
      return { usage, ratio: usage / target };
    },
    () => target,
  );
}

/** For a share of what the pods request, in percent. */
export function countByUtilization(question: Question, target: number, container?: string): Count {
  const { pods, resource } = question;
  let requests: ReadonlyMap<string, number> | undefined;
  return countBy(
    question,
    (samples) => {
      requests ??= new Map(pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]));
      const known = [...samples].filter(([name]) => requests!.has(name));
      const asked = known.reduce((sum, [name]) => sum + requests!.get(name)!, 0);
      if (asked === 0) throw new Error('no metrics returned matched known pods');
      const used = known.reduce((sum, [, { value }]) => sum + value, 0);
      const utilization = Math.trunc((used * 100) / asked);
      return { utilization, usage: Math.trunc(used / known.length), ratio: utilization / target };
    },
    (name) => Math.trunc((requests!.get(name)! * Math.max(100, target)) / 100),
  );
}

/** In thousandths. */
function requestOf(pod: Readonly<Pod>, resource: string, container?: string): number {
  const { name } = pod.metadata;
  const { containers, initContainers = [], resources } = pod.spec;
  if (container === undefined && resources?.requests !== undefined) {
    const request = podRequests(pod)[resource];
    if (request === undefined) throw new Error(`missing pod-level request for ${resource} in Pod ${name}`);
    return Number(milliValue(request));
  }
  const sidecars = initContainers.filter(({ restartPolicy }) => restartPolicy === 'Always');
  const counted = [...containers, ...sidecars].filter((one) => container === undefined || one.name === container);
  if (container !== undefined && counted.length === 0)
    throw new Error(`container ${container} not found in Pod ${name}`);
  return counted.reduce((sum, one) => {
    const request = one.resources?.requests?.[resource];
    if (request === undefined)
      throw new Error(`missing request for ${resource} in container ${one.name} of Pod ${name}`);
    return sum + Number(milliValue(parseQuantity(request)));
  }, 0);
}

/** For one value of something else: as many times the ready pods as it is more than the target. In thousandths. */
export function countByRatio(
  pods: readonly Readonly<Pod>[],
  current: number,
  usage: number,
  target: number,
  tolerance: Tolerance,
): Count {
  const ratio = usage / target;
  if (current === 0) return { replicas: Math.ceil(ratio), usage };
  if (isWithin(tolerance, ratio)) return { replicas: current, usage };
  if (pods.length === 0)
    throw new Error('unable to calculate ready pods: no pods returned by selector while calculating replica count');
  const ready = pods.filter((pod) => pod.status?.phase === 'Running' && podCondition(pod, 'Ready')?.status === 'True');
  return { replicas: Math.min(mostReplicas, Math.ceil(ratio * ready.length)), usage };
}

/** For one value that the pods are to share. In thousandths; the usage of the answer is that of a pod. */
export function countByShare(replicas: number, usage: number, target: number, tolerance: Tolerance): Count {
  const ratio = usage / (target * replicas);
  return {
    replicas: isWithin(tolerance, ratio) ? replicas : Math.min(mostReplicas, Math.ceil(usage / target)),
    usage: replicas === 0 ? 0 : Math.ceil(usage / replicas),
  };
}

const mostReplicas = 2 ** 31 - 1;

function sumOf(samples: Samples): number {
  let sum = 0;
  for (const { value } of samples.values()) sum += value;
  return sum;
}
