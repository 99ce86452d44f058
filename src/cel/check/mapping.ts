import { dynType, listType, mapType, opaqueType, typeOfType, type Type } from '../type.ts';

/** What the parameters of types stand for, as far as the checker has found out. */
export class Mapping {
  readonly #types = new Map<string, Type>();
  /** What was there before each change, so that an attempt can be taken back. */
  readonly #before: (readonly [name: string, type: Type | undefined])[] = [];

  find(type: Type): Type | undefined {
    return type.kind === 'parameter' ? this.#types.get(type.name) : undefined;
  }

  add(parameter: Type, type: Type): void {
    this.#before.push([parameter.name, this.#types.get(parameter.name)]);
    this.#types.set(parameter.name, type);
  }

  /** Keeps what `change` finds out only where it returns true. */
  attempt(change: () => boolean): boolean {
    const start = this.#before.length;
    if (change()) return true;
    while (this.#before.length > start) {
      const [name, type] = this.#before.pop()!;
      if (type) this.#types.set(name, type);
      else this.#types.delete(name);
    }
    return false;
  }

  /** The type with its parameters replaced by what they stand for; those of which nothing is known by `unknown`. */
  substitute(type: Type, unknown?: Type): Type {
    const found = this.find(type);
    if (found) return this.substitute(found, unknown);
    if (type.kind === 'parameter') return unknown ?? type;
    return withParameters(type, (parameter) => this.substitute(parameter, unknown));
  }

  /** The same with `dyn` for what is not known. */
  resolve(type: Type): Type {
    return this.substitute(type, dynType);
  }
}

/** The type with each of its parameters replaced. */
export function withParameters(type: Type, replace: (parameter: Type) => Type): Type {
  if (type.parameters.length === 0) return type;
  const parameters = type.parameters.map(replace);
  if (parameters.every((parameter, at) => parameter === type.parameters[at])) return type;
  switch (type.kind) {
    case 'list':
      return listType(parameters[0]!);
    case 'map':
      return mapType(parameters[0]!, parameters[1]!);
    case 'type':
      return typeOfType(parameters[0]!);
    default:
      return opaqueType(type.name, ...parameters);
  }
}
