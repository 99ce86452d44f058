/** What is wrong with an expression: the message, and where, as an offset in its text (-1: nowhere). */
export interface Issue {
  readonly at: number;
  readonly message: string;
}

const mostIssues = 100;
const longestSnippet = 16_384;

/** Issues as Kubernetes shows them, each with its line of the text and a mark below the place. */
export function issuesText(issues: readonly Issue[], text: string): string {
  const shown = issues.slice(0, mostIssues).sort((a, b) => a.at - b.at);
  const lines = shown.map((issue) => issueText(issue, text));
  if (issues.length > mostIssues) lines.push(`${issues.length - mostIssues} more errors were truncated`);
  return lines.join('\n');
}

function issueText({ at, message }: Issue, text: string): string {
  if (at < 0) return `ERROR: <input>:-1:0: ${message}`;
  const start = text.lastIndexOf('\n', at - 1) + 1;
  const end = text.indexOf('\n', at);
  const snippet = text.slice(start, end < 0 ? undefined : end).replaceAll('\t', ' ');
  const before = [...text.slice(start, at)];
  const line = text.slice(0, start).split('\n').length;
  // The text that is nothing has no line, and no first column.
  const head = `ERROR: <input>:${line}:${text === '' ? 0 : before.length + 1}: ${message}`;
  if (text === '' || snippet.length > longestSnippet) return head;
  const isWide = (letter: string | undefined) => letter !== undefined && letter.codePointAt(0)! > 0x7f;
  const dots = before.map((letter) => (isWide(letter) ? '\uff0e' : '.')).join('');
  const mark = isWide([...snippet.slice(at - start)][0]) ? '\uff3e' : '^';
  return `${head}\n | ${snippet}\n | ${dots}${mark}`;
}
