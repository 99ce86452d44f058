import type {
  AllocatedDeviceStatus,
  AllocationResult,
  DeviceAllocationConfiguration,
  DeviceRequestAllocationResult,
  NetworkDeviceData,
  ResourceClaim,
  ResourceClaimConsumerReference,
} from '../../../api/resource/v1/types.ts';
import { byteLength, goQuote } from '../../../apimachinery/go-text.ts';
import { jsonEqual, semanticEqual } from '../../../apimachinery/equality.ts';
import { ipText, parseCidr } from '../../../apimachinery/ip.ts';
import { forbidden, invalid, required, tooLong, tooMany } from '../../../apimachinery/validation.ts';
import { checkDnsLabel, checkOneOf, immutableField, type Errors } from '../checks.ts';
import { internalForm } from '../core/pod/internal-form.ts';
import { checkNodeSelector } from '../core/pod-spec/affinity.ts';
import { checkItems, checkSet } from './bounded.ts';
import { checkRequestReference, checkRequestReferences, mostConfigurations, requestNames } from './claim-spec.ts';
import { checkConfiguration, checkRawObject } from './configuration.ts';
import { checkBindingConditions } from './device.ts';
import { checkMetaConditions } from '../meta-conditions.ts';
import { checkDriverName, checkPoolName, checkShareId } from './names.ts';

const mostUsers = 256;
const mostResults = 32;
const mostConditions = 8;
const mostAddresses = 16;
const longestInterface = 256;
const longestHardwareAddress = 128;

/** One device, or one share of it, as Kubernetes shows it. */
export interface DeviceKey {
  readonly Driver: string;
  readonly Pool: string;
  readonly Device: string;
  readonly ShareID: string;
}

type Named = { readonly driver?: string; readonly pool?: string; readonly device?: string; readonly shareID?: string };

export function deviceKey({ driver = '', pool = '', device = '', shareID = '' }: Named): DeviceKey {
  return { Driver: driver, Pool: pool, Device: device, ShareID: shareID };
}

/** The keys as texts, to be looked up. */
export function deviceKeys(devices: readonly Named[] | undefined): ReadonlySet<string> {
  return new Set(devices?.map((device) => JSON.stringify(deviceKey(device))));
}

export function checkClaimStatus(errors: Errors, claim: Readonly<ResourceClaim>, old: Readonly<ResourceClaim>): void {
  const { allocation, reservedFor = [], devices } = claim.status ?? {};
  const before = old.status ?? {};
  checkSet(errors, reservedFor, 'status.reservedFor', mostUsers, ({ uid = '' }) => uid, checkUser);
  const allocated = deviceKeys(allocation?.devices?.results);
  checkSet(errors, devices, 'status.devices', Infinity, deviceKey, (_, device, at) =>
    checkDeviceStatus(errors, device, allocated, at),
  );
  if (reservedFor.length > 0 && allocation === undefined)
    errors.push(forbidden('status.reservedFor', 'may not be specified when `allocated` is not set'));
  else if (
    claim.metadata.deletionTimestamp !== undefined &&
    reservedFor.some((user) => isNew(user, before.reservedFor))
  )
    errors.push(
      forbidden(
        'status.reservedFor',
        'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set',
      ),
    );
  if (allocation === undefined) return;
  if (before.allocation === undefined)
    checkAllocation(errors, allocation, requestNames(claim.spec.devices ?? {}), 'status.allocation');
  else if (!semanticEqual(allocation, before.allocation))
    errors.push(invalid('status.allocation', internalForm(allocation, 'AllocationResult'), immutableField));
}

function isNew(user: ResourceClaimConsumerReference, old: readonly ResourceClaimConsumerReference[] = []): boolean {
  return !old.some((one) => jsonEqual(one, user));
}

function checkUser(errors: Errors, user: ResourceClaimConsumerReference, field: string): void {
  for (const name of ['resource', 'name', 'uid'] as const) if (!user[name]) errors.push(required(`${field}.${name}`));
}

/** Only what is allocated now: what was allocated before followed the rules of its time. */
function checkAllocation(
  errors: Errors,
  allocation: Readonly<AllocationResult>,
  names: ReadonlySet<string>,
  field: string,
): void {
  const { results, config } = allocation.devices ?? {};
  checkItems(errors, results, `${field}.devices.results`, mostResults, (_, result, at) =>
    checkResult(errors, result, names, at),
  );
  // Those of the class and those of the claim.
  checkItems(errors, config, `${field}.devices.config`, 2 * mostConfigurations, (_, one, at) =>
    checkAllocatedConfiguration(errors, one, names, at),
  );
  if (allocation.nodeSelector !== undefined)
    checkNodeSelector(errors, allocation.nodeSelector, `${field}.nodeSelector`);
}

function checkResult(
  errors: Errors,
  result: DeviceRequestAllocationResult,
  names: ReadonlySet<string>,
  field: string,
): void {
  checkRequestReference(errors, result.request ?? '', names, `${field}.request`);
  checkPlace(errors, result, field);
  checkBindingConditions(errors, result, field);
  if (result.shareID !== undefined) checkShareId(errors, result.shareID, `${field}.shareID`);
}

function checkPlace(errors: Errors, { driver = '', pool = '', device = '' }: Named, field: string): void {
  checkDriverName(errors, driver, `${field}.driver`);
  checkPoolName(errors, pool, `${field}.pool`);
  checkDnsLabel(errors, `${field}.device`, device);
}

function checkAllocatedConfiguration(
  errors: Errors,
  config: DeviceAllocationConfiguration,
  names: ReadonlySet<string>,
  field: string,
): void {
  checkOneOf(errors, `${field}.source`, config.source, ['FromClaim', 'FromClass'], { emptyIsMissing: true });
  checkRequestReferences(errors, config.requests, names, `${field}.requests`);
  checkConfiguration(errors, config, field);
}

/** What a driver tells of a device that the claim has. */
function checkDeviceStatus(
  errors: Errors,
  device: AllocatedDeviceStatus,
  allocated: ReadonlySet<string>,
  field: string,
): void {
  checkPlace(errors, device, field);
  if (device.shareID !== undefined) checkShareId(errors, device.shareID, `${field}.shareID`);
  const key = deviceKey(device);
  if (!allocated.has(JSON.stringify(key))) errors.push(invalid(field, key, 'must be an allocated device in the claim'));
  const { conditions, data } = device;
  if (conditions && conditions.length > mostConditions)
    errors.push(tooMany(`${field}.conditions`, conditions.length, mostConditions));
  checkMetaConditions(errors, conditions, `${field}.conditions`);
  if (data !== undefined) checkRawObject(errors, data, `${field}.data`);
  if (device.networkData !== undefined) checkNetworkData(errors, device.networkData, `${field}.networkData`);
}

function checkNetworkData(errors: Errors, data: NetworkDeviceData, field: string): void {
  if (byteLength(data.interfaceName ?? '') > longestInterface)
    errors.push(tooLong(`${field}.interfaceName`, longestInterface));
  if (byteLength(data.hardwareAddress ?? '') > longestHardwareAddress)
    errors.push(tooLong(`${field}.hardwareAddress`, longestHardwareAddress));
  checkSet(errors, data.ips, `${field}.ips`, mostAddresses, (address) => address, checkInterfaceAddress);
}

/** An address with the length of its network's prefix. */
function checkInterfaceAddress(errors: Errors, value: string, field: string): void {
  const cidr = parseCidr(value);
  if (!cidr) {
    const rule = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';
    return void errors.push(invalid(field, value, rule));
  }
  const { address, prefixLength } = cidr;
  const text = ipText(address);
  // One of IPv4 in the form of IPv6 is shown as the former.
  const length = text.includes('.') && prefixLength > 32 ? prefixLength - 96 : prefixLength;
  const canonical = `${text}/${length}`;
  if (value !== canonical) errors.push(invalid(field, value, `must be in canonical form (${goQuote(canonical)})`));
}
