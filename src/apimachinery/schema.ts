/** The recorded facts about API types (`facts/schema.json`), as the code reads them. */
export type Schema = Readonly<Record<string, Definition>>;

/** The definitions of `base` and those of `own`, which may refer to them; nothing is copied. */
export function extendedSchema(base: Schema, own: Schema): Schema {
  return Object.assign(Object.create(base), own);
}

/** How OpenAPI documents of a version refer to definitions. */
export type VerbatimSchema = (dialect: { readonly version: 2 | 3; readonly prefix: string }) => Record<string, unknown>;

export interface Definition {
  /** `group/version/Kind` (`/v1/Pod` for the core group) of a top-level kind. */
  readonly gvk?: readonly string[];
  readonly fields?: Readonly<Record<string, Field>>;
  readonly mapType?: string;
  /** Makes the schema that is published, where the fields tell only what it refers to. */
  readonly verbatim?: VerbatimSchema;
  readonly [more: string]: unknown;
}

/** One of `type`, `ref`, `array` or `map` says what the value is. */
export interface Field {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | string;
  readonly format?: string;
  readonly ref?: string;
  readonly array?: Field;
  readonly map?: Field;
  readonly required?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly nullable?: boolean;
  readonly listType?: 'atomic' | 'set' | 'map';
  readonly listMapKeys?: readonly string[];
  /** Strategic merge: the key of list items, and how the list is merged. */
  readonly mergeKey?: string;
  readonly patchStrategy?: string;
  readonly mapType?: 'atomic' | 'granular';
  /**
   * How the server writes an empty value: `omitted` leaves a zero out; `shown` always writes the field; `null` writes null
   * when it is not set. Otherwise a zero that was set stays, and an empty list or map is left out.
   */
  readonly zero?: 'omitted' | 'shown' | 'null';
  /** Protobuf field number. */
  readonly pb?: number;
}
