/** Lines around a change that are shown with it. */
const context = 3;
/** Pairs of changed lines that are compared at most; what is longer is shown as replaced in one piece. */
const mostPairs = 250_000;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

/** The difference of two texts in the unified format, without file names. Empty for equal texts. */
export function unifiedDiff(before: string, after: string): string {
  const lines = compare(before.split('\n'), after.split('\n'));
  let text = '';
  let at = 0;
  let oldStart = 1;
  let newStart = 1;
  for (const [from, to] of hunks(lines)) {
    // Between hunks nothing differs.
    oldStart += from - at;
    newStart += from - at;
    at = to;
    const shown = lines.slice(from, to);
    const oldCount = shown.filter(({ mark }) => mark !== '+').length;
    const newCount = shown.filter(({ mark }) => mark !== '-').length;
    text += `@@ -${range(oldStart, oldCount)} +${range(newStart, newCount)} @@\n`;
    for (const line of shown) text += `${line.mark}${line.text}\n`;
    oldStart += oldCount;
    newStart += newCount;
  }
  return text;
}

function range(start: number, count: number): string {
  if (count === 1) return String(start);
  return `${count === 0 ? start - 1 : start},${count}`;
}

/** Changes with their surroundings; those whose surroundings touch go together. */
function hunks(lines: readonly Line[]): [number, number][] {
  const found: [number, number][] = [];
  lines.forEach(({ mark }, i) => {
    if (mark === ' ') return;
    const last = found.at(-1);
    const from = Math.max(0, i - context);
    const to = Math.min(lines.length, i + context + 1);
    if (last !== undefined && from <= last[1]) last[1] = to;
    else found.push([from, to]);
  });
  return found;
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let end = 0;
  const room = Math.min(before.length, after.length) - start;
  while (end < room && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const same = (text: string): Line => ({ mark: ' ', text });
  return [
    ...before.slice(0, start).map(same),
    ...compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

/** By the longest common subsequence. */
function compareMiddle(before: readonly string[], after: readonly string[]): Line[] {
  if (before.length * after.length > mostPairs)
    return [...before.map((text): Line => ({ mark: '-', text })), ...after.map((text): Line => ({ mark: '+', text }))];
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      lengths[i * width + j] =
        before[i] === after[j]
          ? lengths[(i + 1) * width + j + 1]! + 1
          : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!);
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ mark: ' ', text: before[i]! });
      i++;
      j++;
    } else if (
      i < before.length &&
      (j === after.length || lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)
    )
      lines.push({ mark: '-', text: before[i++]! });
    else lines.push({ mark: '+', text: after[j++]! });
  }
  return lines;
}
