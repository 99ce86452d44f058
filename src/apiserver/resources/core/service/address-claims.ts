import { Services, type Service } from '../../../../api/core/v1/types.ts';
import type { ServerContext } from '../../../context.ts';
import { AddressRange } from './address-range.ts';
import { PortRange } from './port-range.ts';

/**
 * Which addresses and node ports the Services of a cluster hold, followed from the committed objects, and those that
 * are spoken for by writes still under way. A value belongs to a Service by its uid.
 */
export class AddressClaims {
  readonly addresses: AddressRange;
  readonly ports: PortRange;
  readonly #held = new Map<string, string>();
  readonly #reserved = new Map<string, string>();

  constructor(context: ServerContext) {
    this.addresses = new AddressRange(context.config.serviceCidr);
    this.ports = new PortRange(context.config.nodePorts);
    context.follow(Services, (now, before) => this.#follow(now, before));
  }

  /** Whether `value` belongs to another Service than `owner`. */
  isTaken(value: string | number, owner: string): boolean {
    const key = String(value);
    return (this.#held.get(key) ?? owner) !== owner || (this.#reserved.get(key) ?? owner) !== owner;
  }

  isFree(value: string | number): boolean {
    return !this.#held.has(String(value)) && !this.#reserved.has(String(value));
  }

  /** Keeps values for a Service until its commit is seen here, or until the answer is called. */
  reserve(values: readonly (string | number)[], owner: string): () => void {
    const keys = values.map(String).filter((key) => !this.#held.has(key));
    for (const key of keys) this.#reserved.set(key, owner);
    return () => {
      for (const key of keys) if (this.#reserved.get(key) === owner) this.#reserved.delete(key);
    };
  }

  #follow(now: Readonly<Service> | undefined, before: Readonly<Service> | undefined): void {
    const { uid: oldOwner = '' } = before?.metadata ?? {};
    for (const value of before === undefined ? [] : valuesOf(before))
      if (this.#held.get(value) === oldOwner) this.#held.delete(value);
    if (now === undefined) return;
    const { uid = '' } = now.metadata;
    for (const value of valuesOf(now)) {
      this.#held.set(value, uid);
      if (this.#reserved.get(value) === uid) this.#reserved.delete(value);
    }
  }
}

const claimsOf = new WeakMap<ServerContext, AddressClaims>();

/** One for each server. */
export function addressClaims(context: ServerContext): AddressClaims {
  let claims = claimsOf.get(context);
  if (claims === undefined) claimsOf.set(context, (claims = new AddressClaims(context)));
  return claims;
}

/** Addresses and ports look different, so one table holds both. */
function valuesOf({ spec }: Readonly<Service>): string[] {
  const values = (spec.clusterIPs ?? []).filter((address) => address !== 'None');
  for (const { nodePort } of spec.ports ?? []) if (nodePort) values.push(String(nodePort));
  if (spec.healthCheckNodePort) values.push(String(spec.healthCheckNodePort));
  return values;
}
