import { binding } from './binding.ts';
import { eviction } from './eviction.ts';
import type { Answer, Core, Operation } from './operation.ts';

/** Subresources that are neither a view of the object nor a stream, by `resource/subresource`. */
export const subresourceHandlers: Readonly<Record<string, (core: Core, operation: Operation) => Promise<Answer>>> = {
  'pods/binding': binding,
  'pods/eviction': eviction,
};
