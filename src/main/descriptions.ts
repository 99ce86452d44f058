import { readDescriptions as read, type Descriptions } from '../apiserver/discovery/descriptions.ts';

let known: Descriptions | undefined;

/** The texts that were extracted when dependencies were installed; read when first asked for. */
export function readDescriptions(): Descriptions {
  known ??= read(new URL('../../generated/descriptions.json', import.meta.url));
  return known;
}
