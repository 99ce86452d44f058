import type { Answer } from '../rest/operation.ts';
import { listShape } from './list-shape.ts';
import { valueOf, type Presentation } from './representation.ts';

/** The answer as a value of the form that the client takes: a Table, or metadata alone. */
export function presentedBody(answer: Answer, presentation: Presentation): object {
  if (answer.kind !== 'list') return valueOf(answer, presentation) as object;
  const { envelope, key, empty, item } = listShape(answer, presentation);
  return { ...envelope, [key]: answer.entries.length === 0 ? empty : answer.entries.map(item) };
}
