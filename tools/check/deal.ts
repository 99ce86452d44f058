/** A file of tests, and about how long it takes, in any unit. */
export interface WeighedFile {
  readonly file: string;
  readonly weight: number;
}

/**
 * Deals files into `count` shares of about the same weight: the heaviest first, each to the share that is lightest. The
 * same files always make the same shares, so that what fails in one fails again.
 */
export function deal(files: readonly WeighedFile[], count: number): string[][] {
  const shares = Array.from({ length: count }, () => ({ weight: 0, files: [] as string[] }));
  const heaviestFirst = files.toSorted((a, b) => b.weight - a.weight || (a.file < b.file ? -1 : 1));
  for (const { file, weight } of heaviestFirst) {
    const lightest = shares.reduce((best, share) => (share.weight < best.weight ? share : best));
    lightest.files.push(file);
    lightest.weight += weight;
  }
  return shares.filter((share) => share.files.length > 0).map((share) => share.files);
}
