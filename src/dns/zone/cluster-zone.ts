import type { ServiceRecords } from './service-records.ts';

/** What the cluster has names for, as it is now. Names of objects are given in small letters. */
export interface ClusterZone {
  /** `cluster.local`. */
  readonly domain: string;
  /** The address under which the cluster's DNS is reached. */
  readonly server: string;
  /** Grows with changes; the serial number of the zone. */
  readonly serial: number;
  /** Whether everything is known: until then what is not found may exist. */
  isComplete(): boolean;
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): ServiceRecords | undefined;
  /** The names that lead to an address, in its canonical form: those of its Service, or else of its endpoints. */
  namesOf(address: string): readonly string[];
}
