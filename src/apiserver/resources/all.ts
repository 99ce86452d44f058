import type { ResourceDefinition } from '../rest/resource.ts';

/** Every kind that the server serves. A new kind is one file and one line here. */
export const definitions: readonly ResourceDefinition[] = [];
