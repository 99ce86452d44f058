/** The lines above the values of a metric. */
export function headOf(name: string, type: 'counter' | 'gauge' | 'histogram', help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
}

/** Values need no quoting: none is a text that a client made up. */
export function labelsText(labels: object): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
}

/** One value; no labels: an empty text. */
export function lineOf(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}

/** What a histogram counted: how many fell into each bound and not into one before; the last is for the rest. */
export interface Counted {
  readonly took: ArrayLike<number>;
  /** The sum of all values, whatever they are. */
  readonly seconds: number;
}

/** The lines of one series of a histogram, from the bound at `first` on. */
export function histogramOf(
  name: string,
  labels: string,
  bounds: readonly number[],
  { took, seconds }: Counted,
  first = 0,
): string {
  let lines = '';
  let count = 0;
  const before = labels === '' ? '' : `${labels},`;
  for (let at = 0; at < took.length; at++) {
    count += took[at]!;
    if (at >= first) lines += `${name}_bucket{${before}le="${bounds[at] ?? '+Inf'}"} ${count}\n`;
  }
  return lines + lineOf(`${name}_sum`, labels, seconds) + lineOf(`${name}_count`, labels, count);
}
