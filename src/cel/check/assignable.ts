import type { Type } from '../type.ts';
import type { Mapping } from './mapping.ts';

/**
 * Whether a value of each type in `from` may be given for the type in `to`; where it may, `mapping` knows afterwards what
 * the parameters stand for.
 */
export function assign(mapping: Mapping, from: readonly Type[], to: readonly Type[]): boolean {
  return mapping.attempt(() => areAssignable(mapping, from, to));
}

function areAssignable(mapping: Mapping, from: readonly Type[], to: readonly Type[]): boolean {
  return from.length === to.length && from.every((type, at) => isAssignable(mapping, type, to[at]!));
}

function isAssignable(mapping: Mapping, from: Type, to: Type): boolean {
  if (to.kind === 'parameter') {
    const { isValid, isKnown } = substitutes(mapping, from, to);
    if (isValid) return true;
    if (isKnown) return false;
  }
  if (from.kind === 'parameter') return substitutes(mapping, to, from).isValid;
  if (isDynamic(from) || isDynamic(to)) return true;
  if (from.kind === 'null') return isNullable(to);
  if (to.kind === 'null') return isNullable(from);
  switch (from.kind) {
    case 'type':
      return to.kind === 'type';
    case 'opaque':
    case 'list':
    case 'map':
      return from.kind === to.kind && from.name === to.name && areAssignable(mapping, from.parameters, to.parameters);
    default:
      return from.kind === to.kind && from.name === to.name;
  }
}

/** Whether `parameter` may stand for `type`, and whether it was known already what it stands for. */
function substitutes(mapping: Mapping, type: Type, parameter: Type): { isValid: boolean; isKnown: boolean } {
  if (type.equals(parameter)) return { isValid: true, isKnown: true };
  const known = mapping.find(parameter);
  if (known) {
    if (type.equals(known)) return { isValid: true, isKnown: true };
    if (!isAssignable(mapping, type, known)) return { isValid: false, isKnown: true };
    const general = moreGeneral(type, known);
    if (!occursIn(mapping, parameter, general)) mapping.add(parameter, general);
    return { isValid: true, isKnown: true };
  }
  if (occursIn(mapping, parameter, type)) return { isValid: false, isKnown: false };
  mapping.add(parameter, type);
  return { isValid: true, isKnown: false };
}

/** The more general of two types of which values of one may be given for the other. */
export function moreGeneral(a: Type, b: Type): Type {
  return isLessSpecific(a, b) ? a : b;
}

function isLessSpecific(a: Type, b: Type): boolean {
  if (isUnknown(a) || a.kind === 'parameter') return true;
  if (isUnknown(b) || b.kind === 'parameter' || a.kind !== b.kind) return false;
  switch (a.kind) {
    case 'opaque':
    case 'list':
    case 'map':
      return (
        a.name === b.name &&
        a.parameters.length === b.parameters.length &&
        a.parameters.every((parameter, at) => isLessSpecific(parameter, b.parameters[at]!))
      );
    case 'type':
      return true;
    default:
      return a.equals(b);
  }
}

function occursIn(mapping: Mapping, parameter: Type, type: Type): boolean {
  if (parameter.equals(type)) return true;
  if (type.kind === 'parameter') {
    const known = mapping.find(type);
    return known !== undefined && occursIn(mapping, parameter, known);
  }
  return type.parameters.some((inner) => occursIn(mapping, parameter, inner));
}

export function isDynamic(type: Type): boolean {
  return isUnknown(type) || type.kind === 'error';
}

/** Whether only the value has a type that is known. */
export function isUnknown({ kind }: Type): boolean {
  return kind === 'dyn' || kind === 'any';
}

function isNullable(type: Type): boolean {
  return ['any', 'opaque', 'struct', 'duration', 'timestamp', 'null'].includes(type.kind);
}
