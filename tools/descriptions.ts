import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readFacts, type Facts } from './generate/facts.ts';

/** Texts by definition, then by field; the definition's own text is under the empty name. */
export type Descriptions = Record<string, Record<string, string>>;

const root = new URL('..', import.meta.url);
const modelsFolder = new URL('node_modules/@kubernetes/client-node/dist/gen/models/', root);
const output = new URL('generated/descriptions.json', root);

/** The class of the Node client that stands for a definition: `V1Pod`, or `CoreV1Event` where several groups share a name. */
export function modelNamesOf(definition: string): string[] {
  const [name = '', version = '', group = ''] = definition.split('.').reverse();
  return [capitalised(group) + capitalised(version) + name, capitalised(version) + name];
}

/** What the declaration file of a model says of the class and of its properties, under the names that the wire uses. */
export function describeModel(declaration: string, code: string): Record<string, string> {
  const wireNames = new Map<string, string>();
  for (const [, property, wire] of code.matchAll(/"name": "([^"]+)",\s*"baseName": "([^"]+)"/g)) {
    wireNames.set(property!, wire!);
  }
  const texts: Record<string, string> = {};
  for (const [, comment, subject] of declaration.matchAll(
    /\/\*\*\n((?: *\*(?!\/).*\n)+) *\*\/\n *(export declare class|'[^']+')/g,
  )) {
    const property = subject!.startsWith("'") ? subject!.slice(1, -1) : undefined;
    texts[property === undefined ? '' : (wireNames.get(property) ?? property)] = plainText(comment!);
  }
  return texts;
}

/** Texts for every definition of the facts; `read` answers a file of the client's models folder. */
export function describe(facts: Facts, read: (file: string) => string | undefined): Descriptions {
  const descriptions: Descriptions = {};
  for (const definition of Object.keys(facts.schema)) {
    for (const model of modelNamesOf(definition)) {
      const declaration = read(`${model}.d.ts`);
      if (declaration === undefined) continue;
      descriptions[definition] = describeModel(declaration, read(`${model}.js`) ?? '');
      break;
    }
  }
  describeInlined(facts, descriptions);
  return descriptions;
}

/**
 * The client has no class for quantities, times and the like: there a field without words of its own carries the text
 * of its type, which begins with the type's name.
 */
function describeInlined(facts: Facts, descriptions: Descriptions): void {
  for (const [definition, { fields = {} }] of Object.entries(facts.schema)) {
    for (const [field, { ref }] of Object.entries(fields)) {
      const text = descriptions[definition]?.[field];
      if (ref === undefined || text === undefined || descriptions[ref] !== undefined) continue;
      const name = ref.slice(ref.lastIndexOf('.') + 1);
      if (text.startsWith(`${name} is `) || text.startsWith(`${name} holds `)) descriptions[ref] = { '': text };
    }
  }
}

function plainText(comment: string): string {
  return comment
    .replace(/^ *\* ?/gm, '')
    .replace(/\\(['"\\])/g, '$1')
    .replace(/\s{3,}/g, ' ')
    .trim();
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

function readModel(file: string): string | undefined {
  try {
    return readFileSync(new URL(file, modelsFolder), 'utf8');
  } catch {
    return undefined;
  }
}

function main(): void {
  const { values } = parseArgs({ options: { quiet: { type: 'boolean', default: false } } });
  const descriptions = describe(readFacts(new URL('facts/', root)), readModel);
  const count = Object.keys(descriptions).length;
  if (count === 0) {
    if (!values.quiet)
      console.log('@kubernetes/client-node is not installed: kubectl explain will show no descriptions');
    return;
  }
  mkdirSync(dirname(fileURLToPath(output)), { recursive: true });
  writeFileSync(output, `${JSON.stringify(descriptions)}\n`);
  if (!values.quiet) console.log(`wrote descriptions of ${count} definitions`);
}

if (import.meta.main) main();
