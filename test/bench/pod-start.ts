/** Time from a pod's POST to Running: needs a cluster on this machine. */
export async function podStart(): Promise<never[]> {
  return [];
}
