import {
  ResourceSlices,
  type DeviceAttribute,
  type ResourceSlice,
  type ResourceSliceSpec,
} from '../../../api/resource/v1/types.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import { goQuote } from '../../../apimachinery/go-text.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkDnsSubdomain, immutableField, type Errors } from '../checks.ts';
import { internalForm } from '../core/pod/internal-form.ts';
import { checkNodeSelector } from '../core/pod-spec/affinity.ts';
import { checkSet } from './bounded.ts';
import { checkCounterSet, checkDevice } from './device.ts';
import { checkDriverName, checkPoolName } from './names.ts';

const mostDevices = 128;
/** Where they have taints or use counters. */
const mostInvolvedDevices = 64;
const mostCounterSets = 8;

/** Devices of one pool, as their driver announces them. */
export const resourceSlice: ResourceDefinition<ResourceSlice> = {
  type: ResourceSlices,

  strategy: {
    hasGeneration: true,
    returnDeletedObject: true,

    defaults(draft) {
      draft.spec ??= {} as ResourceSliceSpec;
      draft.spec.pool ??= { name: '', generation: 0, resourceSliceCount: 0 };
    },

    prepareForCreate(draft, { clock }) {
      dropSwitchedOff(draft, undefined);
      fillTaintTimes(draft, clock.now());
    },

    prepareForUpdate(draft, old, { clock }) {
      dropSwitchedOff(draft, old);
      fillTaintTimes(draft, clock.now());
    },

    validate({ spec }, old) {
      const errors: Errors = [];
      checkSlice(errors, spec, old?.spec);
      return errors;
    },

    warnings({ spec: { driver = '' } }) {
      if (driver === driver.toLowerCase()) return [];
      return [`spec.driver: driver names should be lowercase; ${goQuote(driver)} contains uppercase characters`];
    },
  },

  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.driver': ({ spec }) => spec.driver,
  },

  columns: {
    cells: (object, now) => {
      const { nodeName = '', driver, pool } = object.spec;
      return [object.metadata.name, nodeName, driver, pool.name, ageOf(object, now)];
    },
  },
};

/**
 * Kubernetes 1.36 drops lists as values and resources of nodes, unless DRAListTypeAttributes and
 * DRANodeAllocatableResources are switched on.
 */
function dropSwitchedOff({ spec }: ResourceSlice, old: Readonly<ResourceSlice> | undefined): void {
  const devices = old?.spec.devices ?? [];
  const keepsLists = devices.some(({ attributes = {} }) => Object.values(attributes).some(hasLists));
  const keepsMappings = devices.some((device) => Object.keys(device.nodeAllocatableResourceMappings ?? {}).length > 0);
  for (const device of spec.devices ?? []) {
    if (!keepsMappings) delete device.nodeAllocatableResourceMappings;
    if (keepsLists) continue;
    for (const attribute of Object.values(device.attributes ?? {})) {
      delete attribute.bools;
      delete attribute.ints;
      delete attribute.strings;
      delete attribute.versions;
    }
  }
}

function hasLists({ bools, ints, strings, versions }: DeviceAttribute): boolean {
  return [bools, ints, strings, versions].some((list) => list !== undefined);
}

/** A taint is there from the moment when it is written. */
function fillTaintTimes({ spec }: ResourceSlice, now: number): void {
  for (const { taints = [] } of spec.devices ?? []) for (const taint of taints) taint.timeAdded ??= rfc3339(now);
}

function checkSlice(
  errors: Errors,
  spec: Readonly<ResourceSliceSpec>,
  old: Readonly<ResourceSliceSpec> | undefined,
): void {
  const { driver = '', pool } = spec;
  checkDriverName(errors, driver, 'spec.driver');
  checkPoolName(errors, pool.name ?? '', 'spec.pool.name');
  const { resourceSliceCount = 0, generation = 0 } = pool;
  if (resourceSliceCount <= 0)
    errors.push(invalid('spec.pool.resourceSliceCount', resourceSliceCount, 'must be greater than zero'));
  if (generation < 0) errors.push(invalid('spec.pool.generation', generation, 'must be greater than or equal to zero'));
  if (old !== undefined) {
    if (pool.name !== old.pool.name) errors.push(invalid('spec.pool.name', pool.name, immutableField));
    if (driver !== old.driver) errors.push(invalid('spec.driver', driver, immutableField));
    if (spec.nodeName !== old.nodeName) errors.push(invalid('spec.nodeName', spec.nodeName ?? null, immutableField));
  }
  checkNodes(errors, spec);
  if (spec.sharedCounters !== undefined && spec.devices !== undefined)
    errors.push(invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed'));
  const most = spec.devices?.some(isInvolved) === true ? mostInvolvedDevices : mostDevices;
  const before = new Map(old?.devices?.map((device) => [device.name, device]));
  checkSet(
    errors,
    spec.devices,
    'spec.devices',
    most,
    ({ name = '' }) => name,
    (_, device, at) => checkDevice(errors, device, before.get(device.name), spec.perDeviceNodeSelection === true, at),
  );
  checkSet(
    errors,
    spec.sharedCounters,
    'spec.sharedCounters',
    mostCounterSets,
    ({ name = '' }) => name,
    checkCounterSet,
  );
}

type Involved = NonNullable<ResourceSliceSpec['devices']>[number];

function isInvolved({ taints = [], consumesCounters = [], attributes = {} }: Involved): boolean {
  return taints.length > 0 || consumesCounters.length > 0 || Object.values(attributes).some(hasLists);
}

function checkNodes(errors: Errors, spec: Readonly<ResourceSliceSpec>): void {
  const chosen: string[] = [];
  const { nodeName, nodeSelector } = spec;
  if (nodeName === '')
    errors.push(invalid('spec.nodeName', nodeName, 'must be either unset or set to a non-empty string'));
  else if (nodeName !== undefined) {
    chosen.push('`nodeName`');
    checkDnsSubdomain(errors, 'spec.nodeName', nodeName);
  }
  if (nodeSelector !== undefined) {
    chosen.push('`nodeSelector`');
    checkNodeSelector(errors, nodeSelector, 'spec.nodeSelector');
    const terms = nodeSelector.nodeSelectorTerms ?? [];
    if (terms.length !== 1)
      errors.push(
        invalid(
          'spec.nodeSelector.nodeSelectorTerms',
          terms.map((term) => internalForm(term, 'Term')),
          'must have exactly one node selector term',
        ),
      );
  }
  for (const name of ['allNodes', 'perDeviceNodeSelection'] as const)
    if (spec[name] === true) chosen.push(`\`${name}\``);
    else if (spec[name] === false) errors.push(invalid(`spec.${name}`, false, 'must be either unset or set to true'));
  const rule = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
  if (chosen.length === 0) errors.push(required('spec', rule));
  else if (chosen.length > 1)
    errors.push(invalid('spec', `{${chosen.join(', ')}}`, `${rule}, but multiple fields are set`));
}
