import type { Job } from '../../../api/batch/v1/types.ts';
import type { Container, Pod } from '../../../api/core/v1/types.ts';
import { podFromTemplate } from '../pod-from-template.ts';
import { isCounted, judge } from './failure-policy.ts';
import { trackingFinalizer } from './job-tally.ts';
import { completionIndex, failureCount, failuresBefore, ignoredFailureCount } from './pod-index.ts';

const indexVariable = 'JOB_COMPLETION_INDEX';
/** Letters that a generated name has before its random part. */
const longestPrefix = 58;

/** A pod of a job; `replaced` is the failed one of the same index whose failures it inherits. */
export function jobPod(job: Readonly<Job>, index: number | undefined, replaced: Readonly<Pod> | undefined): Pod {
  const pod = podFromTemplate(job, job.spec.template);
  const finalizers = [...new Set([...(pod.metadata.finalizers ?? []), trackingFinalizer])];
  const { metadata, spec } = { ...pod, metadata: { ...pod.metadata, finalizers } };
  if (index === undefined) return { metadata, spec };
  const { name } = job.metadata;
  return {
    metadata: {
      ...metadata,
      generateName: prefixOf(name, index),
      labels: { ...metadata.labels, [completionIndex]: `${index}` },
      annotations: {
        ...metadata.annotations,
        [completionIndex]: `${index}`,
        ...(job.spec.backoffLimitPerIndex !== undefined && failuresFor(job, replaced)),
      },
    },
    spec: {
      ...spec,
      hostname: `${name}-${index}`,
      containers: spec.containers.map(withIndexVariable),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(withIndexVariable) }),
    },
  };
}

function prefixOf(name: string, index: number): string {
  const end = `-${index}-`;
  return name.slice(0, longestPrefix - end.length) + end;
}

function withIndexVariable(container: Container): Container {
  if (container.env?.some(({ name }) => name === indexVariable)) return container;
  const valueFrom = { fieldRef: { fieldPath: `metadata.labels['${completionIndex}']` } };
  return { ...container, env: [...(container.env ?? []), { name: indexVariable, valueFrom }] };
}

function failuresFor({ spec }: Readonly<Job>, replaced: Readonly<Pod> | undefined): Record<string, string> {
  if (replaced === undefined) return { [failureCount]: '0' };
  const { counted, ignored } = failuresBefore(replaced);
  const counts = isCounted(judge(spec.podFailurePolicy, replaced));
  const allIgnored = ignored + (counts ? 0 : 1);
  return {
    [failureCount]: `${counted + (counts ? 1 : 0)}`,
    ...(allIgnored > 0 && { [ignoredFailureCount]: `${allIgnored}` }),
  };
}
