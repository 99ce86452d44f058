import {
  CustomResourceDefinitions,
  type CustomResourceDefinition,
  type JSONSchemaProps,
} from '../../../src/api/apiextensions/v1/types.ts';
import { pause, type ServerProcess } from '../../kit/server-process.ts';

/** The group of all definitions here but those that come in many groups. */
export const group = 'bench.example.com';

/** A definition of a kind in namespaces, served in one version. */
export function definition(plural: string, spec: JSONSchemaProps, of = group): CustomResourceDefinition {
  const kind = plural.charAt(0).toUpperCase() + plural.slice(1);
  const status: JSONSchemaProps = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec, status } } };
  return {
    metadata: { name: `${plural}.${of}` },
    spec: {
      group: of,
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [{ name: 'v1', served: true, storage: true, subresources: { status: {} }, schema }],
    },
  };
}

/** As operators have many: half a dozen parts of eight described fields, 5 KiB of JSON. */
export const usualSpec: JSONSchemaProps = objectOf(6, 'part', (part) =>
  objectOf(8, 'field', (field) =>
    field % 2 === 0
      ? { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', maxItems: 10 }
      : { type: 'string', maxLength: 64, description: `What field ${field} of part ${part} is good for` },
  ),
);

/** Deep, and with a rule for each dozen of fields, until its JSON has about so many bytes. */
export function largeSpec(bytes: number): JSONSchemaProps {
  const description = 'Said at length, as in definitions that are generated from comments of types. '.repeat(3);
  const leaf: JSONSchemaProps = { type: 'string', maxLength: 63, description };
  const branch = (depth: number): JSONSchemaProps => ({
    ...objectOf(12, 'field', () => leaf, depth === 0 ? {} : { inner: branch(depth - 1) }),
    description,
    'x-kubernetes-validations': [
      { rule: "!has(self.field0) || self.field0 != ''", message: 'must not be empty' },
      { rule: '!has(self.field1) || !has(self.field2) || self.field1 != self.field2', message: 'must differ' },
    ],
  });
  const part = branch(7);
  return objectOf(Math.max(1, Math.round(bytes / JSON.stringify(part).length)), 'part', () => part);
}

function objectOf(
  count: number,
  name: string,
  member: (at: number) => JSONSchemaProps,
  more: Record<string, JSONSchemaProps> = {},
): JSONSchemaProps {
  const members = Array.from({ length: count }, (_, at) => [`${name}${at}`, member(at)] as const);
  return { type: 'object', properties: { ...Object.fromEntries(members), ...more } };
}

/** Waits until the kinds of all definitions are served. */
export async function established({ client }: ServerProcess): Promise<void> {
  const isOpen = ({ status }: CustomResourceDefinition) =>
    status?.conditions?.some((one) => one.type === 'Established' && one.status === 'True') === true;
  while (!(await client.list(CustomResourceDefinitions)).items.every(isOpen)) await pause(100);
}
