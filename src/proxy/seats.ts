/**
 * Gives each of `wanted` one of the seats 0, 1, 2 … without a gap, with few changes: who stays keeps the seat, newcomers
 * take the free ones, and the last move up where nobody is left to fill a gap. A choice by chance among the seats is then
 * even, and a change of one endpoint touches two seats at most.
 */
export function arrange(previous: readonly string[], wanted: readonly string[]): string[] {
  if (previous.length === 0) return [...wanted];
  const count = wanted.length;
  const staying = new Set(wanted);
  const seats = previous.map((one) => (staying.delete(one) ? one : undefined));
  const waiting = [...staying];
  const surplus = seats.slice(count).filter((one) => one !== undefined);
  return Array.from({ length: count }, (_, seat) => seats[seat] ?? waiting.shift() ?? surplus.pop()!);
}
