/**
 * A scenario is a text: lines that begin with `#` are for the reader, `$` begins a command, lines with `|` after it are
 * its input, and all else up to the next command is what it printed. So a file is its own expectation.
 */
export interface Step {
  /** Comments and blank lines before the command, as they stand. */
  readonly before: readonly string[];
  readonly command: string;
  readonly input: readonly string[];
}

export interface Scenario {
  readonly steps: readonly Step[];
  /** What follows the last command's output. */
  readonly after: readonly string[];
}

export function parseScenario(text: string): Scenario {
  const steps: { before: string[]; command: string; input: string[] }[] = [];
  let before: string[] = [];
  for (const line of text.trimEnd().split('\n')) {
    if (line.startsWith('$ ')) {
      steps.push({ before, command: line.slice(2).trim(), input: [] });
      before = [];
    } else if (line.startsWith('|')) {
      steps.at(-1)?.input.push(line.replace(/^\| ?/, ''));
    } else if (line.startsWith('#') || line === '') {
      before.push(line);
    }
  }
  return { steps, after: before };
}

/** The text again, with what each command printed this time. */
export function formatScenario({ steps, after }: Scenario, printed: readonly (readonly string[])[]): string {
  const lines = steps.flatMap(({ before, command, input }, index) => [
    ...before,
    `$ ${command}`,
    ...input.map((line) => `| ${line}`.trimEnd()),
    ...printed[index]!,
  ]);
  return `${[...lines, ...after].join('\n').trimEnd()}\n`;
}
