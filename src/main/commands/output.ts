/** Columns of text, each as wide as its widest cell; three spaces between them, as kubectl prints. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('   ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
}

/** A table in a frame; the header is in capitals and in the middle of its column, and a cell may have several lines. */
export function boxedTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const titles = header.map((title) => title.toUpperCase());
  const split = rows.map((row) => row.map((cell) => cell.split('\n')));
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...split.flatMap((row) => row[column]!.map(({ length }) => length))),
  );
  const rule = (left: string, middle: string, right: string): string =>
    `${left}${widths.map((width) => '─'.repeat(width + 2)).join(middle)}${right}`;
  const line = (cells: readonly string[]): string => `│ ${cells.join(' │ ')} │`;
  const centred = titles.map((title, column) => {
    const before = Math.floor((widths[column]! - title.length) / 2);
    return `${' '.repeat(before)}${title}`.padEnd(widths[column]!);
  });
  const body = split.flatMap((row) => {
    const height = Math.max(...row.map(({ length }) => length));
    return Array.from({ length: height }, (_, index) =>
      line(row.map((cell, column) => (cell[index] ?? '').padEnd(widths[column]!))),
    );
  });
  return `${[rule('┌', '┬', '┐'), line(centred), rule('├', '┼', '┤'), ...body, rule('└', '┴', '┘')].join('\n')}\n`;
}

/** `2d`, `3h`, `5m`, `20s`. */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** `3.8 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
