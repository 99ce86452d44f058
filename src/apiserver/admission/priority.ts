import type { Pod } from '../../api/core/v1/types.ts';
import { PriorityClasses, type PriorityClass } from '../../api/scheduling/v1/types.ts';
import type { ServerContext } from '../context.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

/** Turns the priority class of a pod into its number. There is at most one default class. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate(request, context) {
    if (!isFor(request, '/pods')) return;
    if (request.operation === 'CREATE') setPriority(request, request.object as Pod, context);
    if (request.operation === 'UPDATE') keepPriority(request.object as Pod, request.old as Pod);
  },
  validate(request, context) {
    if (isFor(request, 'scheduling.k8s.io/priorityclasses')) refuseSecondDefault(request, context);
  },
};

function setPriority(request: AdmissionRequest, { spec }: Pod, context: ServerContext): void {
  const found = spec.priorityClassName ? named(request, spec.priorityClassName, context) : defaultClass(context);
  const value = found?.value ?? 0;
  const policy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (found !== undefined) spec.priorityClassName = found.metadata.name;
  const computed = 'must not be provided in pod spec; priority admission controller computed';
  if (spec.priority !== undefined && spec.priority !== value)
    throw notAdmitted(
      request,
      `the integer value of priority (${spec.priority}) ${computed} ${value} from the given PriorityClass name`,
    );
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy)
    throw notAdmitted(
      request,
      `the string value of PreemptionPolicy (${spec.preemptionPolicy}) ${computed} ${policy} from the given PriorityClass name`,
    );
  spec.priority = value;
  spec.preemptionPolicy = policy;
}

function keepPriority({ spec }: Pod, { spec: old }: Pod): void {
  if (spec.priority === undefined && old.priority !== undefined) spec.priority = old.priority;
  if (spec.preemptionPolicy === undefined && old.preemptionPolicy !== undefined)
    spec.preemptionPolicy = old.preemptionPolicy;
}

function named(request: AdmissionRequest, name: string, context: ServerContext): Readonly<PriorityClass> {
  const found = context.lookup(PriorityClasses, { name });
  if (found === undefined) throw notAdmitted(request, `no PriorityClass with name ${name} was found`);
  return found;
}

/** Of several, which only a race can leave, the one with the smallest value. */
function defaultClass(context: ServerContext): Readonly<PriorityClass> | undefined {
  let found: Readonly<PriorityClass> | undefined;
  for (const one of markedClasses(context))
    if (found === undefined || (one.value ?? 0) < (found.value ?? 0)) found = one;
  return found;
}

/** Classes marked as default, by name: asked for with each pod, and hardly ever changed. */
const marked = new WeakMap<ServerContext, Map<string, Readonly<PriorityClass>>>();

function markedClasses(context: ServerContext): Iterable<Readonly<PriorityClass>> {
  const known = marked.get(context);
  if (known !== undefined) return known.values();
  const classes = new Map<string, Readonly<PriorityClass>>();
  marked.set(context, classes);
  context.follow(PriorityClasses, (now, before) => {
    if (now?.globalDefault === true) classes.set(now.metadata.name, now);
    else classes.delete((now ?? before)!.metadata.name);
  });
  return classes.values();
}

function refuseSecondDefault(request: AdmissionRequest, context: ServerContext): void {
  const wanted = request.object as PriorityClass | undefined;
  if (wanted?.globalDefault !== true) return;
  const other = [...markedClasses(context)].find(({ metadata }) => metadata.name !== wanted.metadata.name);
  if (other === undefined) return;
  throw notAdmitted(
    request,
    `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
  );
}
