import { clauseError, clausesOf, type Placeholder } from '../library/format-text.ts';
import type { Call, Expression } from '../syntax/expression.ts';
import type { Issue } from '../syntax/issues.ts';
import type { Kind } from '../type.ts';
import type { Checked } from './checked.ts';

/** The types that clauses are for. */
const kinds: Readonly<Record<Placeholder['kind'], readonly Kind[]>> = {
  b: ['int', 'uint', 'bool'],
  d: ['int', 'uint'],
  e: ['double', 'string'],
  f: ['double', 'string'],
  o: ['int', 'uint'],
  s: ['list', 'map', 'int', 'uint', 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
};

/** A format that is a literal is held against the list of its arguments, where that is one as well. */
export function checkFormat(call: Call, checked: Checked, issues: Issue[]): void {
  const [list] = call.arguments;
  const { target } = call;
  if (call.function !== 'format' || list?.kind !== 'list' || target?.kind !== 'literal') return;
  if (typeof target.value !== 'string') return;
  const args = list.elements;
  const { clauses, problem } = clausesOf(target.value);
  const placeholders = clauses.filter((clause): clause is Placeholder => clause.kind !== 'text');
  for (const [index, { kind }] of placeholders.entries()) {
    const argument = args[index];
    const odd = argument && oddPart(argument, kind, checked);
    if (argument && !odd) continue;
    const message = odd ? clauseError(kind, checked.types.get(odd)!.name) : undefined;
    issues.push(odd ? { at: odd.at, message: message! } : { at: call.at, message: `index ${index} out of range` });
    return;
  }
  const { length } = placeholders;
  if (problem !== undefined)
    issues.push({ at: call.at, message: length < args.length ? problem : `index ${length} out of range` });
  else if (args.length > length)
    issues.push({
      at: call.at,
      message: `too many arguments supplied to string.format (expected ${length}, got ${args.length})`,
    });
}

/** The part of an argument that the clause cannot show: itself, or something in a list or map. */
function oddPart(argument: Expression, kind: Placeholder['kind'], checked: Checked): Expression | undefined {
  const type = checked.types.get(argument)!;
  if (type.kind !== 'dyn' && !kinds[kind].includes(type.kind)) return argument;
  if (kind !== 's') return undefined;
  const parts =
    argument.kind === 'list'
      ? argument.elements
      : argument.kind === 'map'
        ? argument.entries.flatMap(({ key, value }) => [key, value])
        : [];
  for (const part of parts) {
    const odd = oddPart(part, kind, checked);
    if (odd) return odd;
  }
  return undefined;
}
