import { Nodes, type Node } from '../../../api/core/v1/types.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkDistinctRanges, checkNode, checkNodeUpdate } from './node-checks.ts';
import { roundUpToMilli } from './pod-spec/quantities.ts';

/** A machine that runs pods; its agent registers it and reports its status. */
export const node: ResourceDefinition<Node> = {
  type: Nodes,

  strategy: {
    hasGeneration: false,
    keepsStatusOnCreate: true,

    defaults(draft) {
      const spec = (draft.spec ??= {});
      // Where they differ the older field counts.
      if (spec.podCIDR && spec.podCIDRs?.[0] !== spec.podCIDR) spec.podCIDRs = [spec.podCIDR];
      else if (spec.podCIDRs?.length) spec.podCIDR = spec.podCIDRs[0]!;
      const status = (draft.status ??= {});
      if (status.allocatable === undefined && status.capacity !== undefined)
        status.allocatable = { ...status.capacity };
      roundUpToMilli(status.capacity);
      roundUpToMilli(status.allocatable);
      status.daemonEndpoints ??= {};
      status.daemonEndpoints.kubeletEndpoint ??= { Port: 0 };
      const info = (status.nodeInfo ??= {} as NonNullable<typeof status.nodeInfo>);
      for (const name of infoFields) info[name] ??= '';
    },

    // Of a feature that is no more.
    prepareForCreate: ({ spec }) => void delete spec?.configSource,
    prepareForUpdate({ spec }, old) {
      if (old.spec?.configSource === undefined) delete spec?.configSource;
    },

    validate(object, old) {
      const errors: Errors = [];
      checkNode(errors, object);
      if (old === undefined) checkDistinctRanges(errors, object);
      // Kubernetes tells what is wrong with a changed node twice.
      else checkNodeUpdate(errors, object, old);
      return errors;
    },

    warnings({ spec }) {
      const texts: string[] = [];
      if (spec?.configSource !== undefined) texts.push('spec.configSource: the feature is removed');
      if (spec?.externalID) texts.push('spec.externalID: this field is deprecated, and is unused by Kubernetes');
      return texts;
    },

    status: {
      prepareForUpdate({ status }, { status: old }) {
        if (old?.config === undefined) delete status?.config;
      },
      validate(object, old) {
        const errors: Errors = [];
        checkNodeUpdate(errors, object, old);
        return errors;
      },
    },
  },

  columns: {
    cells: (object, now) => {
      const { nodeInfo, addresses = [] } = object.status ?? {};
      const address = (type: string) => addresses.find((one) => one.type === type)?.address || '<none>';
      return [
        object.metadata.name,
        statusCell(object),
        rolesCell(object),
        ageOf(object, now),
        nodeInfo?.kubeletVersion ?? '',
        address('InternalIP'),
        address('ExternalIP'),
        nodeInfo?.osImage || '<unknown>',
        nodeInfo?.kernelVersion || '<unknown>',
        nodeInfo?.containerRuntimeVersion || '<unknown>',
      ];
    },
  },

  selectableFields: { 'spec.unschedulable': (object) => String(object.spec?.unschedulable ?? false) },
};

const infoFields = [
  'machineID',
  'systemUUID',
  'bootID',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
  'kubeletVersion',
  'kubeProxyVersion',
  'operatingSystem',
  'architecture',
] as const;

function statusCell({ spec, status }: Readonly<Node>): string {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const words = [ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady'];
  if (spec?.unschedulable === true) words.push('SchedulingDisabled');
  return words.join(',');
}

const rolePrefix = 'node-role.kubernetes.io/';

function rolesCell({ metadata }: Readonly<Node>): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) roles.add(key.slice(rolePrefix.length));
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return roles.size === 0 ? '<none>' : [...roles].sort().join(',');
}
