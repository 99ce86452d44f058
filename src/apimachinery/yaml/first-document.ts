/**
 * The first document of a YAML stream, as text. A marker is `---` or `...` at the start of a line, with a blank or nothing
 * behind it: in no kind of scalar may such a line stand. So what follows the first document need not be parsed, however
 * much it is.
 */
export function firstDocument(text: string): string {
  if (!text.includes('\n---') && !text.includes('\n...')) return text;
  let hasContent = false;
  for (let start = 0; start < text.length;) {
    const end = lineEnd(text, start);
    const marker = markerAt(text, start);
    if (marker === '...' || (marker === '---' && hasContent)) return text.slice(0, start);
    // A document has begun with its marker, even if nothing else is in it.
    if (marker === '---' || !isPreamble(text, start, end)) hasContent = true;
    start = end + 1;
  }
  return text;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function markerAt(text: string, at: number): '---' | '...' | undefined {
  const first = text[at];
  if (first !== '-' && first !== '.') return undefined;
  const marker = first === '-' ? '---' : '...';
  if (!text.startsWith(marker, at)) return undefined;
  const next = text[at + 3];
  return next === undefined || next === ' ' || next === '\t' || next === '\n' || next === '\r' ? marker : undefined;
}

/** Whether a line is blank, a comment or a directive: what may stand before the first document. */
function isPreamble(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const char = text[at];
    if (char === '#' || (char === '%' && at === start)) return true;
    if (char !== ' ' && char !== '\t' && char !== '\r' && char !== '\ufeff') return false;
  }
  return true;
}
