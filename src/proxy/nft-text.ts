import type { Difference, Element, TableLayout } from './table.ts';

/** A transaction that replaces the whole table. */
export function wholeTable<C extends string>(layout: TableLayout<C>, elements: readonly Element<C>[]): string {
  const { name, declarations, fixed } = layout;
  return [
    `table ip ${name}`,
    `delete table ip ${name}`,
    `table ip ${name} {`,
    ...Object.values<string>(declarations).map((line) => `  ${line}`),
    ...fixed.map((line) => `  ${line}`),
    '}',
    ...[...chainsOf(layout, elements)].flatMap((chain) => chainCommands(layout, chain)),
    ...elementCommands('add', layout, elements),
    '',
  ].join('\n');
}

/** A transaction that carries out a difference; `chains` are those that the table has of {@link chainsOf}. */
export function tableChange<C extends string>(
  layout: TableLayout<C>,
  { remove, add }: Difference<C>,
  chains: ReadonlySet<string>,
): string {
  const missing = [...chainsOf(layout, add)].filter((chain) => !chains.has(chain));
  return [
    ...missing.flatMap((chain) => chainCommands(layout, chain)),
    ...elementCommands('delete', layout, remove),
    ...elementCommands('add', layout, add),
    '',
  ].join('\n');
}

/** Chains that elements lead to, beside the fixed ones. */
export function chainsOf<C extends string>(layout: TableLayout<C>, elements: readonly Element<C>[]): Set<string> {
  const found = new Set<string>();
  for (const element of elements) {
    const chain = layout.chainOf(element);
    if (chain !== undefined) found.add(chain);
  }
  return found;
}

function chainCommands<C extends string>({ name, rulesOf }: TableLayout<C>, chain: string): string[] {
  const rules = rulesOf(chain).map((text) => `add rule ip ${name} ${chain} ${text}`);
  return [`add chain ip ${name} ${chain}`, `flush chain ip ${name} ${chain}`, ...rules];
}

function elementCommands<C extends string>(
  verb: 'add' | 'delete',
  { name, declarations }: TableLayout<C>,
  elements: readonly Element<C>[],
): string[] {
  const texts = new Map<string, string[]>(Object.keys(declarations).map((collection) => [collection, []]));
  for (const { collection, key, value } of elements)
    texts.get(collection)!.push(verb === 'delete' || value === '' ? key : `${key} : ${value}`);
  return [...texts].flatMap(([collection, all]) =>
    all.length === 0 ? [] : [`${verb} element ip ${name} ${collection} { ${all.join(', ')} }`],
  );
}
