/** What keeps a text from being one segment of a path, in Kubernetes' words; `undefined` when it may be one. */
export function pathSegmentProblem(text: string): string | undefined {
  if (text === '.' || text === '..') return `may not be '${text}'`;
  const problems = ['/', '%'].filter((letter) => text.includes(letter)).map((letter) => `may not contain '${letter}'`);
  return problems.length === 0 ? undefined : problems.join(';');
}
