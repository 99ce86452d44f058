import { reservedWords } from './escape.ts';
import { listType, mapType, optionalType, stringType, structType, type Type } from './type.ts';

/**
 * A type with what a schema says about its values beyond the type: how large they may become, and how they are read from
 * JSON. Immutable.
 */
export interface Declaration {
  readonly type: Type;
  /** Of a list its items, of a map its values. */
  readonly element?: Declaration;
  /** Of a map its keys, where their size counts. */
  readonly key?: Declaration;
  /** Of an object its fields, under the identifiers by which expressions read them. */
  readonly fields?: ReadonlyMap<string, Declaration>;
  /** Of an optional what it holds. */
  readonly value?: Declaration;
  /** The names of an object's properties as the document has them. */
  readonly properties?: ReadonlySet<string>;
  /**
   * Of a text its bytes, of a list its items, of a map its entries, at most; 0 for what has no size. Without it anything
   * is possible.
   */
  readonly maxElements?: number;
  /** Bytes that a value takes in JSON, at least. */
  readonly minSize: number;
  /** `date`, where a text is no `date-time`. */
  readonly format?: string;
  /** Order does not matter where two such lists are compared, and adding them unites them. */
  readonly listType?: 'set' | 'map';
  /** The properties that tell the items of a list of type `map` from one another. */
  readonly listKeys?: readonly string[];
  /** Whether a value reads without its schema as it does with it. */
  readonly isPlain: boolean;
}

/** The field that expressions read by a name. Words of the language may stand for themselves: `.namespace`. */
export function fieldOf({ fields }: Declaration, name: string): Declaration | undefined {
  return fields?.get(name) ?? (reservedWords.has(name) ? fields?.get(`__${name}__`) : undefined);
}

/** What may be there or not, as the language sees it: an optional. The JSON of one that is not there is `undefined`. */
export function optionalOf(declaration: Declaration): Declaration {
  return { ...declaration, type: optionalType(declaration.type), value: declaration, isPlain: false };
}

/** A variable of which only the type is known. */
export function typed(type: Type): Declaration {
  return { type, minSize: 1, isPlain: true };
}

export function listOf(element: Declaration, maxElements: number, rest: Partial<Declaration> = {}): Declaration {
  const isPlain = element.isPlain && rest.listType === undefined;
  return { type: listType(element.type), element, maxElements, minSize: 2, isPlain, ...rest };
}

/** A map with texts as keys. */
export function mapOf(element: Declaration, maxElements: number): Declaration {
  return { type: mapType(stringType, element.type), element, maxElements, minSize: 2, isPlain: element.isPlain };
}

/** An object, named `name` in messages, with its properties under the identifiers of expressions. */
export function objectOf(
  name: string,
  fields: ReadonlyMap<string, Declaration>,
  rest: Pick<Declaration, 'minSize' | 'properties' | 'isPlain'>,
): Declaration {
  const declaration: Declaration & { type: Type } = { type: structType(name), fields, maxElements: 0, ...rest };
  declaration.type = structType(name, declaration);
  return declaration;
}
