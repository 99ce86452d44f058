/** Functions that read a text, or write one, by many small steps. */
const reading: ReadonlySet<string> = new Set([
  'cidr',
  'containsCIDR',
  'containsIP',
  'duration',
  'ip',
  'ip.isCanonical',
  'isCIDR',
  'isIP',
  'isQuantity',
  'isSemver',
  'isURL',
  'masked',
  'quantity',
  'semver',
  'timestamp',
  'url',
  'validate',
]);
const lettersOfReading = 512;
const lettersOfText = 64;

/** What a call takes besides what it goes through, in letters: see `values/effort.ts`. */
export function callEffort(name: string): number {
  if (reading.has(name)) return lettersOfReading;
  return name === 'string' || name.startsWith('get') ? lettersOfText : 0;
}
