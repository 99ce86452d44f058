/** What something used lately. */
export interface Measurement {
  /** The end of the time in which it was measured, in milliseconds since the epoch. */
  readonly at: number;
  readonly windowMs: number;
  /** Billionths of a core. */
  readonly nanoCores: number;
  readonly memoryBytes: number;
}

export interface ContainerMeasurement extends Measurement {
  readonly name: string;
}

/** What nodes and pods use, as somebody keeps it who asks the nodes. `undefined` when that is not known (yet). */
export interface Measurements {
  node(name: string): Measurement | undefined;
  /** Of all containers that run. */
  pod(namespace: string, name: string): readonly ContainerMeasurement[] | undefined;
}
