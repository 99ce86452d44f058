/** One line of the result: what was measured, the machine's floor for it in the same run, and more to know. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: '/s' | 'ms' | 'MiB';
  readonly floor: number;
  readonly floorName: string;
  readonly more?: string;
}

/** Ratios are to be compared, not figures: both of a ratio were measured by the same machine in the same minute. */
export function ratioOf({ value, floor }: Row): number {
  return Number((value / floor).toPrecision(3));
}

/** The rows as text, each beside the ratio that it had in the baseline. */
export function table(rows: readonly Row[], baseline: Readonly<Record<string, number>>): string {
  const shown = rows.map((row) => [
    row.name,
    `${short(row.value)} ${row.unit}`,
    `${short(row.floor)} (${row.floorName})`,
    String(ratioOf(row)),
    String(baseline[row.name] ?? '-'),
    row.more ?? '',
  ]);
  const lines = [['WHAT', 'MEASURED', 'FLOOR OF THIS MACHINE', 'RATIO', 'BASELINE', 'MORE'], ...shown];
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function short(value: number): string {
  return value.toFixed(value < 10 ? 1 : 0);
}
