import { Nodes, type Node } from '../../../api/core/v1/types.ts';
import { parseCidr, validateOldCidr } from '../../../apimachinery/ip.ts';
import { duplicate, forbidden, invalid } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { roundUpToMilli } from './pod-spec/quantities.ts';
import { checkAmount } from './pod-spec/resources.ts';
import { checkTaints } from './pod-spec/tolerations.ts';

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
      if (old === undefined) {
        checkNodeTaints(errors, object);
        checkAmounts(errors, object);
        checkRanges(errors, object.spec?.podCIDRs ?? []);
      } else {
        checkAmounts(errors, object);
        checkAddresses(errors, object);
        checkRanges(errors, object.spec?.podCIDRs ?? []);
        checkUnchanged(errors, object, old);
        checkNodeTaints(errors, object);
      }
      return errors;
    },

    warnings({ spec }) {
      const texts: string[] = [];
      if (spec?.configSource !== undefined) texts.push('spec.configSource: the feature is removed');
      if (spec?.externalID) texts.push('spec.externalID: this field is deprecated, and is unused by Kubernetes');
      return texts;
    },

    status: {
      validate(object) {
        const errors: Errors = [];
        checkAmounts(errors, object);
        checkAddresses(errors, object);
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

/** Errors in taints have always been reported below `metadata`. */
function checkNodeTaints(errors: Errors, { spec }: Readonly<Node>): void {
  if (spec?.taints !== undefined) checkTaints(errors, spec.taints, 'metadata.taints');
}

function checkAmounts(errors: Errors, { status = {} }: Readonly<Node>): void {
  for (const field of ['capacity', 'allocatable'] as const)
    for (const [name, amount] of Object.entries(status[field] ?? {}))
      checkAmount(errors, name, amount, `status.${field}.${name}`);
}

function checkRanges(errors: Errors, ranges: readonly string[]): void {
  const field = 'spec.podCIDRs';
  ranges.forEach((range, i) => errors.push(...validateOldCidr(`${field}[${i}]`, range, true)));
  if (ranges.length < 2) return;
  const families = new Set(ranges.map((range) => parseCidr(range)?.address.length));
  if (ranges.length > 2 || families.size !== 2)
    errors.push(invalid(field, ranges, 'may specify no more than one CIDR for each IP family'));
  ranges.forEach((range, i) => {
    if (ranges.indexOf(range) < i) errors.push(duplicate(`${field}[${i}]`, range));
  });
}

function checkAddresses(errors: Errors, { status }: Readonly<Node>): void {
  const seen = new Set<string>();
  status?.addresses?.forEach((address, i) => {
    const key = `${address.type} ${address.address}`;
    if (seen.has(key)) errors.push(duplicate(`status.addresses[${i}]`, address));
    seen.add(key);
  });
}

function checkUnchanged(errors: Errors, { spec = {} }: Readonly<Node>, { spec: old = {} }: Readonly<Node>): void {
  const ranges = spec.podCIDRs ?? [];
  const oldRanges = old.podCIDRs ?? [];
  if (oldRanges.length > 0 && (ranges.length !== oldRanges.length || oldRanges.some((one, i) => one !== ranges[i])))
    errors.push(forbidden('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  if (old.providerID && old.providerID !== spec.providerID)
    errors.push(forbidden('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  if ((spec.externalID ?? '') !== (old.externalID ?? ''))
    errors.push(forbidden('spec.externalID', 'may not be updated'));
}

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
