import { knownReason } from './known.ts';

/** One test of a run. */
export interface TestResult {
  /** Without its labels: `Pods should be submitted and removed`. */
  readonly name: string;
  /** Who owns it: `node`. */
  readonly owner: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly seconds: number;
  /** The first line of what went wrong. */
  readonly why?: string;
}

/** What Ginkgo writes with `--json-report`, as far as it is read. */
interface GinkgoReport {
  readonly SpecReports?: readonly {
    readonly LeafNodeType: string;
    readonly LeafNodeText: string;
    readonly ContainerHierarchyTexts: readonly string[] | null;
    readonly State: string;
    readonly RunTime: number;
    readonly Failure?: { readonly Message?: string };
  }[];
}

/** The tests that a run has begun, by owner and name. What its filter left out is not among them. */
export function resultsOf(reports: readonly GinkgoReport[]): TestResult[] {
  const results: TestResult[] = [];
  for (const { SpecReports = [] } of reports)
    for (const { LeafNodeType, LeafNodeText, ContainerHierarchyTexts, State, RunTime, Failure } of SpecReports) {
      if (LeafNodeType !== 'It' || State === 'pending') continue;
      const isSkipped = State === 'skipped';
      // What the filter leaves out says nothing; what a test skips by itself says why.
      if (isSkipped && !Failure?.Message) continue;
      const text = [...(ContainerHierarchyTexts ?? []), LeafNodeText].join(' ');
      const [, owner = 'none', name = text] = /^\[sig-([^\]]+)\] (.*)$/.exec(text) ?? [];
      const why = Failure?.Message?.split('\n', 1)[0];
      results.push({
        name: name.replace(/ \[[^\]]+\]/g, ''),
        owner,
        state: State === 'passed' ? 'passed' : isSkipped ? 'skipped' : 'failed',
        seconds: Math.round(RunTime / 1e9),
        ...(why && { why }),
      });
    }
  return results.sort((a, b) => compare(a.owner, b.owner) || compare(a.name, b.name));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether it failed without a known reason. */
export function isUnexpected({ state, name }: TestResult, reasonOf = knownReason): boolean {
  return state === 'failed' && reasonOf(name) === undefined;
}

/** A document with the counts and a line for each test that did not pass; `reasonOf` tells why one cannot yet. */
export function reportOf(results: readonly TestResult[], version: string, reasonOf = knownReason): string {
  const owners = [...new Set(results.map(({ owner }) => owner))];
  const row = (name: string, tests: readonly TestResult[]): string => {
    const count = (holds: (test: TestResult) => boolean): number => tests.filter(holds).length;
    const failed = count(({ state }) => state === 'failed');
    const unexpected = count((test) => isUnexpected(test, reasonOf));
    const counts = [
      tests.length,
      count(({ state }) => state === 'passed'),
      failed - unexpected,
      unexpected,
      count(({ state }) => state === 'skipped'),
    ];
    return `| ${name} | ${counts.join(' | ')} |`;
  };
  const rest = results.filter(({ state }) => state !== 'passed');
  return [
    '# Conformance',
    '',
    `What \`npm run conformance\` found last: the tests of Kubernetes ${version}'s own suite that carry [Conformance], on a fresh`,
    'cluster of three nodes. `npm run conformance -- --only network` runs the tests of one group again, and leaves what is',
    'known of the others. Why tests do not pass yet is in `test/conformance/known.ts`; what fails for no reason that stands',
    'there is a bug.',
    '',
    '| group | tests | passed | not yet | failed | skipped |',
    '| --- | --- | --- | --- | --- | --- |',
    ...owners.map((owner) =>
      row(
        owner,
        results.filter((test) => test.owner === owner),
      ),
    ),
    row('all', results),
    ...(rest.length === 0 ? [] : ['', '## Not passed', '']),
    ...rest.map((test) => `- ${test.owner}: ${test.name} (${fate(test, reasonOf)})`),
    '',
  ].join('\n');
}

/** What became of a test that did not pass: `webhooks are not called yet`, `failed: timed out`. */
function fate({ name, state, why }: TestResult, reasonOf: typeof knownReason): string {
  const reason = state === 'failed' ? reasonOf(name) : undefined;
  if (reason !== undefined) return reason;
  return why ? `${state}: ${shortened(why)}` : state;
}

const longestReason = 160;

function shortened(text: string): string {
  return text.length <= longestReason ? text : `${text.slice(0, longestReason)}…`;
}
