/** The counts that Node's test runner prints last. */
export type Counts = Readonly<Record<CountName, number>>;

const countNames = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo', 'duration_ms'] as const;
type CountName = (typeof countNames)[number];

/** Reads the summary at the end of a test run's output; all zero where there is none. */
export function countsOf(output: string): Counts {
  const found = countNames.map((name) => {
    const matches = [...output.matchAll(new RegExp(`^(?:ℹ|#) ${name} ([\\d.]+)$`, 'gm'))];
    return [name, Number(matches.at(-1)?.[1] ?? 0)];
  });
  return Object.fromEntries(found) as Counts;
}

export function sumOf(all: readonly Counts[]): Counts {
  const sums = countNames.map((name) => [name, all.reduce((sum, counts) => sum + counts[name], 0)]);
  return Object.fromEntries(sums) as Counts;
}

/** In the form of the runner's TAP output, which other programs read. */
export function countLines(counts: Counts): string {
  return countNames.map((name) => `# ${name} ${Math.round(counts[name])}\n`).join('');
}

/** What a failed test run has to say: from the list of failing tests on, or all of it. */
export function failuresOf(output: string): string {
  const at = output.lastIndexOf('✖ failing tests:');
  return at < 0 ? output : output.slice(at);
}
