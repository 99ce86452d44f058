import { additionalSchema, propertySchema, type JsonSchema } from './json-schema.ts';
import { child, key } from './paths.ts';

/** Where a path leads in a schema, or why it leads nowhere. */
export type FoundField =
  | {
      /** As field paths are written: `spec.map[key]`. */
      readonly text: string;
      /** The names and keys on the way. */
      readonly names: readonly string[];
      readonly schema: JsonSchema | undefined;
    }
  | { readonly problem: string };

/**
 * Follows a path such as `.spec.size` or `.spec.map['key']` through a schema. `brackets` (default true): whether names may
 * stand in brackets.
 */
export function findField(path: string, schema: JsonSchema, { brackets = true } = {}): FoundField {
  const tokens = tokensOf(path);
  const names: string[] = [];
  let text = '';
  let at: JsonSchema | undefined = schema;
  for (let next = 0; next < tokens.length;) {
    const token = tokens[next++]!;
    const isBracket = token === '[';
    if (!isBracket && token !== '.') return { problem: `expected [ or . but got: ${token}` };
    if (isBracket && !brackets) return { problem: 'array notation is not allowed' };
    const given = tokens[next++];
    if (given === undefined) return { problem: 'unexpected end of JSON path' };
    if (isBracket && !/^'.*'$/s.test(given)) return { problem: `expected single quoted string but got ${given}` };
    const name = isBracket ? given.slice(1, -1).replace(/\\(.)/gs, '$1') : given;
    const isMap: boolean = at?.properties === undefined && at?.additionalProperties !== undefined;
    const below: JsonSchema | undefined = at && (isMap ? additionalSchema(at) : propertySchema(at, name));
    if (below === undefined) return { problem: 'does not refer to a valid field' };
    text = isMap ? key(text, name) : child(text, name);
    names.push(name);
    at = below;
    if (!isBracket) continue;
    const end = tokens[next++];
    if (end === undefined) return { problem: 'unexpected end of JSON path' };
    if (end !== ']') return { problem: `expected ] but got ${end}` };
  }
  return { text, names, schema: at };
}

/** Dots and brackets, quoted texts, and what stands between them. */
function tokensOf(path: string): string[] {
  return path.match(/[.[\]]|'(?:[^'\\]|\\.)*'|[^.[\]]+/gs) ?? [];
}
