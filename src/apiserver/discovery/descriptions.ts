import { readFileSync } from 'node:fs';

/** Texts of the API's types for people: by definition, then by field; a definition's own text is under the empty name. */
export type Descriptions = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Reads a file that `tools/descriptions.ts` wrote. Without it all works, and `kubectl explain` shows no texts. */
export function readDescriptions(file: string | URL): Descriptions {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
