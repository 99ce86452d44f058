import type { Facts } from './facts.ts';

/** The text of `src/api/schema.json`: one definition a line, so that a change reads well. */
export function generateSchema(facts: Facts): string {
  const lines = Object.entries(facts.schema).map(
    ([name, shape]) => `${JSON.stringify(name)}: ${JSON.stringify(shape)}`,
  );
  return `{\n${lines.join(',\n')}\n}\n`;
}
