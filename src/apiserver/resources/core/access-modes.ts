import { forbidden, notSupported } from '../../../apimachinery/validation.ts';
import type { Errors } from '../checks.ts';

const short: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
const supported = Object.keys(short).sort();

/** How many may use a volume at once, as tables show it: `RWO,ROX`. */
export function accessModesText(modes: readonly string[] = []): string {
  return Object.keys(short)
    .filter((mode) => modes.includes(mode))
    .map((mode) => short[mode])
    .join(',');
}

/** The modes of a claim or a volume; that there are some is for the caller to check. */
export function checkAccessModes(errors: Errors, modes: readonly string[] = [], field: string): void {
  for (const mode of modes) if (!supported.includes(mode)) errors.push(notSupported(field, mode, supported));
  if (modes.includes('ReadWriteOncePod') && modes.some((mode) => mode !== 'ReadWriteOncePod' && mode in short))
    errors.push(forbidden(field, 'may not use ReadWriteOncePod with other access modes'));
}
