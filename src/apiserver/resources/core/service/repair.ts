import { Services, type Service } from '../../../../api/core/v1/types.ts';
import { IPAddresses, type IPAddress } from '../../../../api/networking/v1/types.ts';
import type { Core } from '../../../rest/operation.ts';
import { heldBy } from './claim.ts';
import { allocateAddress, isManagedHere, removeAddress } from './ip-allocator.ts';

/** An address without a Service may be on its way to one (registry/core/service/ipallocator/controller/repairip.go). */
const graceMs = 60_000;
/**
 * In so many passes a port must have been found without a Service
 * (registry/core/service/portallocator/controller/repair.go).
 */
const passesBeforeLeak = 3;

/**
 * Makes what is allocated agree with the Services that there are. Their writes keep it so; what a server that died in
 * one, an older program or a user has left behind is put right here.
 */
export class AllocationRepair {
  readonly #core: Core;
  /** In how many passes in a row a port was found without a Service. */
  #leaks = new Map<number, number>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Looks at everything once. */
  async pass(): Promise<void> {
    const services = this.#core.context.scan(Services);
    await this.#repairPorts(services);
    for (const service of services)
      for (const address of heldBy(service).addresses) await this.#keepAddress(address, service);
    for (const one of this.#core.context.scan(IPAddresses)) await this.#dropOrphan(one);
  }

  /** Makes an address anew that is deleted while a Service has it. */
  watchDeletes(): void {
    const { context } = this.#core;
    context.follow(IPAddresses, (now, before) => {
      const service = now === undefined && before !== undefined ? this.#parentOf(before) : undefined;
      if (service === undefined) return;
      this.#keepAddress(before!.metadata.name, service).catch((error: unknown) =>
        context.log.warn('an IPAddress could not be made again', { address: before!.metadata.name, error }),
      );
    });
  }

  async #repairPorts(services: readonly Readonly<Service>[]): Promise<void> {
    const { nodePorts } = this.#core.context;
    const leaked = await nodePorts.ensure(services.flatMap((service) => heldBy(service).ports));
    this.#leaks = new Map(leaked.map((port) => [port, (this.#leaks.get(port) ?? 0) + 1]));
    const lost = leaked.filter((port) => this.#leaks.get(port)! >= passesBeforeLeak);
    if (lost.length > 0) await nodePorts.release(lost);
  }

  async #keepAddress(address: string, service: Readonly<Service>): Promise<void> {
    const there = this.#core.context.lookup(IPAddresses, { name: address });
    if (there === undefined) await allocateAddress(this.#core, address, service);
    else if (!isParent(there, service)) {
      const { namespace, name } = service.metadata;
      this.#core.context.log.warn('a Service has the address of another one', { namespace, name, address });
    }
  }

  async #dropOrphan(one: Readonly<IPAddress>): Promise<void> {
    if (!isManagedHere(one) || this.#parentOf(one) !== undefined) return;
    const age = this.#core.context.clock.now() - Date.parse(one.metadata.creationTimestamp!);
    if (age > graceMs) await removeAddress(this.#core, one);
  }

  /** The Service that has the address, if it does. */
  #parentOf(one: Readonly<IPAddress>): Readonly<Service> | undefined {
    const { namespace, name } = one.spec.parentRef;
    if (namespace === undefined) return undefined;
    const service = this.#core.context.lookup(Services, { namespace, name });
    return service !== undefined && heldBy(service).addresses.includes(one.metadata.name) ? service : undefined;
  }
}

function isParent({ spec: { parentRef } }: Readonly<IPAddress>, { metadata }: Readonly<Service>): boolean {
  return (
    parentRef.resource === Services.resource &&
    parentRef.name === metadata.name &&
    parentRef.namespace === metadata.namespace
  );
}
