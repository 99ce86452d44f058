import { schema as builtIn } from '../../api/schema.ts';
import {
  deduced,
  structureOf,
  type ListStructure,
  type Member,
  type ObjectStructure,
  type ShapeOfValue,
  type Structure,
} from '../../apimachinery/structure.ts';
import { additionalSchema, isEmbedded, itemSchema, keepsUnknown, type JsonSchema } from './json-schema.ts';

/**
 * The structure of objects of a custom kind, by which managed fields and apply tell their parts apart. `shape` brings a
 * body into the kind's form. Compiled on first use, part by part.
 */
export function structureOfKind(schema: JsonSchema, shape: ShapeOfValue): ObjectStructure {
  const members = membersOf(schema);
  for (const [name, type] of Object.entries(ownMembers()))
    members.set(
      name,
      member(name, undefined, () => type),
    );
  // Every object has metadata, so that what is set in it is told apart.
  const shown: Member[] = [{ ...members.get('metadata')!, type: members.get('metadata')!.type, zero: 'shown' }];
  return { kind: 'object', name: '', members, atomic: false, shown, ...restOf(schema), shape };
}

function ownMembers(): Readonly<Record<string, Structure>> {
  const metadata = structureOf(builtIn, 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta');
  return { apiVersion: { kind: 'string' }, kind: { kind: 'string' }, metadata };
}

function membersOf({ properties = {} }: JsonSchema): Map<string, Member> {
  const members = new Map<string, Member>();
  for (const [name, schema] of Object.entries(properties))
    members.set(
      name,
      member(name, schema.default, () => structureOfSchema(schema)),
    );
  return members;
}

function member(name: string, byDefault: unknown, make: () => Structure): Member {
  let type: Structure | undefined;
  return {
    name,
    part: `f:${name}`,
    zero: undefined,
    keepsEmpty: false,
    default: byDefault,
    get type() {
      return (type ??= make());
    },
  };
}

/** Members that the schema does not name, and keeps all the same. */
function restOf(schema: JsonSchema): Pick<ObjectStructure, 'rest'> {
  return keepsUnknown(schema) ? { rest: deduced } : {};
}

function structureOfSchema(schema: JsonSchema): Structure {
  if (schema['x-kubernetes-int-or-string'] === true) return { kind: 'any' };
  switch (schema.type) {
    case 'object':
      return objectStructure(schema);
    case 'array':
      return listStructure(schema);
    case 'string':
      return { kind: 'string' };
    case 'integer':
      return { kind: 'int64' };
    case 'number':
      return { kind: 'number' };
    case 'boolean':
      return { kind: 'boolean' };
    default:
      return keepsUnknown(schema) ? deduced : { kind: 'any' };
  }
}

function objectStructure(schema: JsonSchema): Structure {
  const atomic = schema['x-kubernetes-map-type'] === 'atomic';
  const isNamed = Object.keys(schema.properties ?? {}).length > 0;
  if (isNamed || isEmbedded(schema)) {
    const members = membersOf(schema);
    if (isEmbedded(schema))
      for (const [name, type] of Object.entries(ownMembers()))
        members.set(
          name,
          member(name, undefined, () => type),
        );
    return { kind: 'object', name: '', members, atomic, shown: [], ...restOf(schema) };
  }
  const rest = additionalSchema(schema);
  const element = rest === undefined ? deduced : structureOfSchema(rest);
  if (rest !== undefined || schema.additionalProperties === true || keepsUnknown(schema) || atomic)
    return { kind: 'map', element, atomic };
  return { kind: 'object', name: '', members: new Map(), atomic, shown: [] };
}

function listStructure(schema: JsonSchema): ListStructure {
  const items = itemSchema(schema);
  const listType = schema['x-kubernetes-list-type'];
  return {
    kind: 'list',
    element: items === undefined ? deduced : structureOfSchema(items),
    listType: listType === 'set' || listType === 'map' ? listType : 'atomic',
    keys: [...(schema['x-kubernetes-list-map-keys'] ?? [])].sort(),
  };
}
