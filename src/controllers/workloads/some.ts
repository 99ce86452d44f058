/** A count of a status, unless it is 0: Kubernetes leaves that out where it may. */
export function some<Name extends string>(name: Name, count: number): Partial<Record<Name, number>> {
  return count === 0 ? {} : ({ [name]: count } as Record<Name, number>);
}
