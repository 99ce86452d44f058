/** One value of the text exposition format of Prometheus. */
export interface ExposedValue {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since the epoch, where the line says it. */
  readonly at: number | undefined;
}

const line = /^([A-Za-z_:][\w:]*)[ \t]*(?:\{(.*)\})?[ \t]+(\S+)(?:[ \t]+(-?\d+))?[ \t]*$/;
const label = /[ \t]*([A-Za-z_]\w*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"[ \t]*,?[ \t]*/y;

/** Reads the values; comments are skipped. Throws on a line that is none. */
export function* readExposition(text: string): Generator<ExposedValue> {
  for (const raw of text.split('\n')) {
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const match = line.exec(trimmed);
    const value = Number(match?.[3]?.replace(/^([+-]?)Inf$/, '$1Infinity'));
    const labels = match === null ? undefined : labelsIn(match[2] ?? '');
    if (labels === undefined || (Number.isNaN(value) && match![3] !== 'NaN'))
      throw new Error(`Cannot read metrics: "${trimmed.slice(0, 200)}" is no value`);
    yield { name: match![1]!, labels, value, at: match![4] === undefined ? undefined : Number(match![4]) };
  }
}

function labelsIn(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < text.length) {
    const match = label.exec(text);
    if (match === null) return undefined;
    labels[match[1]!] = match[2]!.replace(/\\(.)/g, (_all, char: string) => (char === 'n' ? '\n' : char));
  }
  return labels;
}
