import { cloneJson } from '../clone.ts';
import type { JsonObject } from '../patch/json-value.ts';
import type { Member, ObjectStructure, Structure } from '../structure.ts';

/**
 * Fills in the defaults that are constants of the schema (`protocol: TCP`), in place, wherever their object is there.
 * Empty texts, zeros and empty objects among the recorded defaults are only marks of the published schema, not values
 * that anybody gets.
 */
export function applySchemaDefaults(value: unknown, structure: Structure): void {
  if (typeof value !== 'object' || value === null) return;
  switch (structure.kind) {
    case 'object':
      fillObject(value as JsonObject, structure);
      return;
    case 'map':
      if (holdsObjects(structure.element))
        for (const name in value) applySchemaDefaults((value as JsonObject)[name], structure.element);
      return;
    case 'list':
      if (holdsObjects(structure.element))
        for (const item of value as unknown[]) applySchemaDefaults(item, structure.element);
      return;
    default:
  }
}

function fillObject(value: JsonObject, structure: ObjectStructure): void {
  for (const member of realDefaults(structure)) value[member.name] ??= cloneJson(member.default);
  for (const name in value) {
    const member = value[name];
    if (typeof member !== 'object') continue;
    const known = structure.members.get(name);
    if (known) applySchemaDefaults(member, known.type);
  }
}

const found = new WeakMap<ObjectStructure, readonly Member[]>();

function realDefaults(structure: ObjectStructure): readonly Member[] {
  let defaults = found.get(structure);
  if (!defaults)
    found.set(structure, (defaults = [...structure.members.values()].filter((one) => isReal(one.default))));
  return defaults;
}

function isReal(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== '' && value !== 0 && value !== false;
}

function holdsObjects({ kind }: Structure): boolean {
  return kind === 'object' || kind === 'list' || kind === 'map';
}
