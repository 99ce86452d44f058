import { FlowSchemas, PriorityLevelConfigurations } from '../../api/flowcontrol/v1/types.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { semanticEqual } from '../../apimachinery/equality.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { fixedNames } from '../resources/flowcontrol/fixed-names.ts';
import type { Kept } from './objects.ts';
import { recorded, type RecordedSpec } from './recorded.ts';
import type { Repair } from './reconcile.ts';

/** Who takes it away, or sets it to `false`, has the object for himself. */
const autoUpdate = 'apf.kubernetes.io/autoupdate-spec';

/** The flow schemas and priority levels of every cluster; what schemas name comes before them. */
export const flowControlObjects: readonly Kept[] = [
  ...recorded.priorityLevels.map((one) => keptOf(PriorityLevelConfigurations, one)),
  ...recorded.flowSchemas.map((one) => keptOf(FlowSchemas, one)),
];

function keptOf(type: ResourceType, { name, annotations, spec }: RecordedSpec<unknown>): Kept {
  return { type, object: structuredClone({ metadata: { name, annotations }, spec }) as unknown as KubeObject };
}

/** The spec of one that nobody has taken over is as it was recorded. */
export function repairFlowControl(now: Readonly<KubeObject>, wanted: Readonly<KubeObject>): Repair {
  const isOurs = now.metadata.annotations?.[autoUpdate] === 'true' || fixedNames.has(now.metadata.name ?? '');
  const { spec } = wanted as KubeObject & { spec: unknown };
  if (!isOurs || semanticEqual((now as { spec?: unknown }).spec, spec)) return { kind: 'none' };
  return { kind: 'update', object: { ...(cloneJson(now) as KubeObject), spec } as KubeObject };
}
