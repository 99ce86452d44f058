import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestResult } from './report.ts';

const file = join(import.meta.dirname, 'last-results.json');

/** What became of each test when it ran last, by owner and name. */
export async function readLastResults(): Promise<TestResult[]> {
  return JSON.parse(await readFile(file, 'utf8')) as TestResult[];
}

export async function writeLastResults(results: readonly TestResult[]): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

/** The tests of `last`, as they became in `run` where they ran in it. */
export function broughtUpToDate(last: readonly TestResult[], run: readonly TestResult[]): TestResult[] {
  const key = ({ owner, name }: TestResult): string => `${owner} ${name}`;
  const fresh = new Map(run.map((result) => [key(result), result]));
  return last.map((result) => fresh.get(key(result)) ?? result);
}
