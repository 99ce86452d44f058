import type { CounterSet, Device, DeviceAttribute, DeviceCounterConsumption } from '../../../api/resource/v1/types.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { duplicate, invalid, required, tooLong } from '../../../apimachinery/validation.ts';
import { checkDnsLabel, checkDnsSubdomain, checkQualifiedName, type Errors } from '../checks.ts';
import { internalForm } from '../core/pod/internal-form.ts';
import { checkNodeSelector } from '../core/pod-spec/affinity.ts';
import { checkEntries, checkItems, checkSet } from './bounded.ts';
import { checkSharedCapacity, checkWholeCapacity } from './capacity.ts';
import { checkQualifiedAttribute } from './names.ts';
import { checkTaint } from './taints.ts';

const mostAttributesAndCapacities = 32;
const longestAttributeName = 63 + 1 + 32;
const longestValue = 64;
const mostTaints = 16;
const mostCounterSets = 2;
const mostCounters = 32;
const longestCounterName = 63;
const mostConditions = 4;

/** semver.org's form of a version. */
const number = '(0|[1-9]\\d*)';
const before = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const build = '[0-9a-zA-Z-]+';
const version = new RegExp(
  `^${number}\\.${number}\\.${number}(-${before}(\\.${before})*)?(\\+${build}(\\.${build})*)?$`,
);

/** A device of a slice. `old`: the device of the same name as it is stored. */
export function checkDevice(
  errors: Errors,
  device: Readonly<Device>,
  old: Readonly<Device> | undefined,
  choosesNodes: boolean,
  field: string,
): void {
  const { name = '', attributes = {}, capacity = {}, taints, consumesCounters } = device;
  checkDnsLabel(errors, `${field}.name`, name);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > mostAttributesAndCapacities)
    errors.push(
      invalid(
        field,
        count,
        `the total number of attributes and capacities must not exceed ${mostAttributesAndCapacities}`,
      ),
    );
  const bounds = { longestKey: longestAttributeName };
  checkEntries(errors, attributes, `${field}.attributes`, bounds, checkQualifiedAttribute, checkAttribute);
  const checkCapacity = device.allowMultipleAllocations === true ? checkSharedCapacity : checkWholeCapacity;
  checkEntries(errors, capacity, `${field}.capacity`, bounds, checkQualifiedAttribute, checkCapacity);
  if (old === undefined || !semanticEqual(old.taints, taints))
    checkItems(errors, taints, `${field}.taints`, mostTaints, checkTaint);
  const setOf = ({ counterSet = '' }: DeviceCounterConsumption) => counterSet;
  checkSet(errors, consumesCounters, `${field}.consumesCounters`, mostCounterSets, setOf, checkConsumption);
  checkNodes(errors, device, choosesNodes, field);
  checkBindingConditions(errors, device, field);
}

function checkAttribute(errors: Errors, attribute: DeviceAttribute, field: string): void {
  const { bool, int, string, version: release } = attribute;
  if (string !== undefined && byteLength(string) > longestValue) errors.push(tooLong(`${field}.string`, longestValue));
  if (release !== undefined) {
    if (!version.test(release))
      errors.push(invalid(`${field}.version`, release, 'must be a string compatible with semver.org spec 2.0.0'));
    if (byteLength(release) > longestValue) errors.push(tooLong(`${field}.version`, longestValue));
  }
  const values = [bool, int, string, release].filter((value) => value !== undefined);
  if (values.length === 1) return;
  const shown = values.length === 0 ? '' : internalForm(attribute, 'DeviceAttribute');
  errors.push(invalid(field, shown, 'exactly one value must be specified'));
}

export function checkCounterSet(errors: Errors, { name = '', counters }: CounterSet, field: string): void {
  checkCounters(errors, name, `${field}.name`, counters, `${field}.counters`);
}

function checkConsumption(errors: Errors, used: DeviceCounterConsumption, field: string): void {
  checkCounters(errors, used.counterSet ?? '', `${field}.counterSet`, used.counters, `${field}.counters`);
}

function checkCounters(
  errors: Errors,
  name: string,
  nameField: string,
  counters: Readonly<Record<string, unknown>> | undefined,
  field: string,
): void {
  if (name === '') errors.push(required(nameField));
  else checkDnsLabel(errors, nameField, name);
  if (Object.keys(counters ?? {}).length === 0) return void errors.push(required(field));
  const bounds = { most: mostCounters, longestKey: longestCounterName };
  checkEntries(
    errors,
    counters,
    field,
    bounds,
    (_, key, at) => checkDnsLabel(errors, at, key),
    () => {},
  );
}

/** From which nodes the device can be used, where that is not said of the slice. */
function checkNodes(errors: Errors, device: Readonly<Device>, choosesNodes: boolean, field: string): void {
  const { nodeName, nodeSelector, allNodes } = device;
  if (!choosesNodes) {
    if (nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined)
      errors.push(
        invalid(
          field,
          null,
          '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec',
        ),
      );
    return;
  }
  const chosen: string[] = [];
  if (nodeName === '') errors.push(invalid(`${field}.nodeName`, nodeName, 'must not be empty'));
  else if (nodeName !== undefined) {
    chosen.push('`nodeName`');
    checkDnsSubdomain(errors, `${field}.nodeName`, nodeName);
  }
  if (nodeSelector !== undefined) {
    chosen.push('`nodeSelector`');
    checkNodeSelector(errors, nodeSelector, `${field}.nodeSelector`);
  }
  if (allNodes === true) chosen.push('`allNodes`');
  else if (allNodes === false)
    errors.push(invalid(`${field}.allNodes`, allNodes, 'must be either unset or set to true'));
  const rule =
    'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
  if (chosen.length === 0) errors.push(required(field, rule));
  else if (chosen.length > 1) errors.push(invalid(field, `{${chosen.join(', ')}}`, rule));
}

/** Conditions that a device has to have, or must not have, before a pod is bound. */
export function checkBindingConditions(
  errors: Errors,
  of: { readonly bindingConditions?: readonly string[]; readonly bindingFailureConditions?: readonly string[] },
  field: string,
): void {
  const [wanted, failures] = [`${field}.bindingConditions`, `${field}.bindingFailureConditions`];
  const { bindingConditions = [], bindingFailureConditions = [] } = of;
  const checkName = (_: Errors, name: string, at: string) => checkQualifiedName(errors, at, name);
  checkItems(errors, bindingConditions, wanted, mostConditions, checkName);
  checkItems(errors, bindingFailureConditions, failures, mostConditions, checkName);
  bindingConditions.forEach((one, i) => {
    if (bindingConditions.indexOf(one) < i) errors.push(duplicate(`${wanted}[${i}]`, one));
  });
  bindingFailureConditions.forEach((one, i) => {
    if (bindingFailureConditions.indexOf(one) < i) errors.push(duplicate(`${failures}[${i}]`, one));
    if (bindingConditions.includes(one))
      errors.push(
        invalid(`${failures}[${i}]`, one, 'bindingFailureConditions must not overlap with bindingConditions'),
      );
  });
  if (bindingConditions.length === 0 && bindingFailureConditions.length > 0)
    errors.push(invalid(wanted, null, 'bindingConditions are required to use bindingFailureConditions'));
  if (bindingFailureConditions.length === 0 && bindingConditions.length > 0)
    errors.push(invalid(failures, null, 'bindingFailureConditions are required to use bindingConditions'));
}
