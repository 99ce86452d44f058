import type { Pod, Toleration } from '../../api/core/v1/types.ts';
import { RuntimeClasses, type RuntimeClass } from '../../api/node/v1/types.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import type { StatusError } from '../../apimachinery/status.ts';
import { compareQuantities } from '../resources/core/pod-spec/quantities.ts';
import type { ServerContext } from '../context.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

type Amounts = Readonly<Record<string, string>>;

/** A pod of a runtime class takes over what the class costs and where it runs. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  mutate(request, context) {
    if (!isFor(request, '/pods') || request.operation !== 'CREATE') return;
    const pod = request.object as Pod;
    const found = classOf(request, pod, context);
    if (found?.overhead) setOverhead(request, pod, found.overhead.podFixed ?? {});
    if (found?.scheduling) setScheduling(request, pod, found.scheduling);
  },
  validate(request, context) {
    if (!isFor(request, '/pods') || request.operation !== 'CREATE') return;
    const pod = request.object as Pod;
    const { overhead } = pod.spec;
    const ofClass = classOf(request, pod, context)?.overhead;
    // What other plugins and webhooks have made of it counts too.
    if (ofClass !== undefined && !sameAmounts(overhead ?? {}, ofClass.podFixed ?? {})) throw otherOverhead(request);
    if (ofClass !== undefined || overhead === undefined) return;
    throw notAdmitted(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  },
};

function classOf(request: AdmissionRequest, { spec }: Pod, context: ServerContext): Readonly<RuntimeClass> | undefined {
  const name = spec.runtimeClassName;
  if (name === undefined || name === '') return undefined;
  const found = context.lookup(RuntimeClasses, { name });
  if (found === undefined) throw notAdmitted(request, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  return found;
}

function setOverhead(request: AdmissionRequest, { spec }: Pod, overhead: Amounts): void {
  const { overhead: own = {} } = spec;
  if (Object.keys(own).length > 0 && !sameAmounts(own, overhead)) throw otherOverhead(request);
  spec.overhead = { ...overhead };
}

function otherOverhead(request: AdmissionRequest): StatusError {
  return notAdmitted(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
}

function sameAmounts(a: Amounts, b: Amounts): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => b[name] !== undefined && compareQuantities(a[name]!, b[name]) === 0);
}

function setScheduling(
  request: AdmissionRequest,
  { spec }: Pod,
  { nodeSelector = {}, tolerations = [] }: Readonly<NonNullable<RuntimeClass['scheduling']>>,
): void {
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value)
      throw notAdmitted(
        request,
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`,
      );
  }
  if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  const added = tolerations.filter((one) => !spec.tolerations?.some((own) => jsonEqual(own, one)));
  if (added.length > 0) spec.tolerations = [...(spec.tolerations ?? []), ...added.map(copyOf)];
}

function copyOf(toleration: Readonly<Toleration>): Toleration {
  return { ...toleration };
}
