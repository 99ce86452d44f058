import type { Service } from '../../../../api/core/v1/types.ts';
import { refused } from '../../../../apimachinery/status.ts';
import { invalid } from '../../../../apimachinery/validation.ts';
import type { Core } from '../../../rest/operation.ts';
import type { Allocation } from '../../../rest/resource.ts';
import type { Errors } from '../../checks.ts';
import { addressRefusal, pickAgain, refuse, wasPicked } from './allocate.ts';
import { allocateAddress, releaseAddress } from './ip-allocator.ts';

/** How often other values are drawn for those that somebody else was quicker to take. */
const tries = 64;

/** What a Service holds that nobody else may. */
interface Held {
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
}

/**
 * Takes what `allocate` picked and `old` does not have; what `old` has and the new object has not is given back with the
 * commit. Throws Invalid when another write was faster with a value that the client asked for.
 */
export async function claim(
  core: Core,
  draft: Service,
  old: Readonly<Service> | undefined,
  dryRun: boolean,
): Promise<Allocation | undefined> {
  if (dryRun) return undefined;
  for (let count = 1; ; count++) {
    const wanted = without(heldBy(draft), old && heldBy(old));
    const lost = await take(core, wanted, draft);
    if (lost === undefined) {
      return {
        commit: () => giveBack(core, old === undefined ? nothing : without(heldBy(old), heldBy(draft)), old ?? draft),
        revert: () => giveBack(core, wanted, draft),
      };
    }
    refuseAskedFor(draft, lost);
    if (count === tries) throw refused.internal('failed to allocate addresses or ports: others were always quicker');
    pickAgain(draft, old, core.context);
  }
}

/** Gives back all that a Service had, which has left the store. */
export function release(core: Core, service: Readonly<Service>): Promise<void> {
  return giveBack(core, heldBy(service), service);
}

const nothing: Held = { addresses: [], ports: [] };

/** Addresses and node ports; each once. */
export function heldBy({ spec }: Readonly<Service>): Held {
  const addresses = spec.type === 'ExternalName' ? [] : (spec.clusterIPs ?? []).filter((one) => one !== 'None');
  const ports = (spec.ports ?? []).flatMap(({ nodePort }) => (nodePort ? [nodePort] : []));
  if (spec.healthCheckNodePort) ports.push(spec.healthCheckNodePort);
  return { addresses: [...new Set(addresses)], ports: [...new Set(ports)] };
}

function without(held: Held, other: Held = nothing): Held {
  return {
    addresses: held.addresses.filter((one) => !other.addresses.includes(one)),
    ports: held.ports.filter((one) => !other.ports.includes(one)),
  };
}

/** All or nothing; answers what somebody else has. */
async function take(core: Core, { addresses, ports }: Held, service: Readonly<Service>): Promise<Held | undefined> {
  const taken: string[] = [];
  try {
    for (const address of addresses) {
      if (!(await allocateAddress(core, address, service))) {
        await giveBack(core, { addresses: taken, ports: [] }, service);
        return { addresses: [address], ports: [] };
      }
      taken.push(address);
    }
    const lost = ports.length === 0 ? [] : await core.context.nodePorts.allocate(ports);
    if (lost.length === 0) return undefined;
    await giveBack(core, { addresses: taken, ports: [] }, service);
    return { addresses: [], ports: lost };
  } catch (error) {
    await giveBack(core, { addresses: taken, ports: [] }, service);
    throw error;
  }
}

/** What cannot be given back now is found by the repair. */
async function giveBack(core: Core, { addresses, ports }: Held, service: Readonly<Service>): Promise<void> {
  const { nodePorts, log } = core.context;
  try {
    for (const address of addresses) await releaseAddress(core, address, service);
    if (ports.length > 0) await nodePorts.release(ports);
  } catch (error) {
    const { namespace, name } = service.metadata;
    log.warn('addresses or ports of a Service could not be given back', { namespace, name, error });
  }
}

function refuseAskedFor(draft: Service, lost: Held): void {
  const errors: Errors = [];
  const { spec } = draft;
  for (const address of lost.addresses)
    if (!wasPicked(draft, address)) errors.push(addressRefusal(spec, address, 'provided IP is already allocated'));
  spec.ports?.forEach(({ nodePort }, i) => {
    if (nodePort && lost.ports.includes(nodePort) && !wasPicked(draft, nodePort))
      errors.push(invalid(`spec.ports[${i}].nodePort`, nodePort, 'provided port is already allocated'));
  });
  refuse(draft, errors);
  const { healthCheckNodePort: port } = spec;
  if (port && lost.ports.includes(port) && !wasPicked(draft, port))
    throw refused.internal(
      `failed to allocate requested HealthCheck NodePort ${port}: provided port is already allocated`,
    );
}
