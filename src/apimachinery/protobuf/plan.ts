import type { Definition, Field, Schema } from '../schema.ts';
import type { ProtobufFacts } from './facts.ts';

/** How a value stands on the wire. Numbers, because reading and writing choose by them for each field. */
export const kinds = {
  string: 0,
  int32: 1,
  int64: 2,
  boolean: 3,
  double: 4,
  /** Base64 in JSON. */
  bytes: 5,
  message: 6,
  /** A message with one repeated field, for lists as values of maps. */
  list: 7,
  map: 8,
  /** A struct that JSON inlines: its members stand in the object around it. */
  inline: 9,
  quantity: 10,
  intOrString: 11,
  time: 12,
  microTime: 13,
  /** A message that holds JSON text. */
  json: 14,
  /** The unions of JSON schemas (apiextensions/v1): a schema or a truth value, or several, or names. */
  schemaOrBool: 15,
  schemaOrArray: 16,
  schemaOrNames: 17,
} as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

/** Of a message: its fields, found by number to read it, and by name to write it. */
export interface MessagePlan {
  readonly definition: string;
  readonly byNumber: readonly (FieldPlan | undefined)[];
  readonly byName: ReadonlyMap<string, FieldPlan>;
  readonly inlines: readonly FieldPlan[];
}

export interface FieldPlan {
  readonly name: string;
  /** Number and wire type, as they stand before the value. */
  readonly tag: number;
  readonly kind: Kind;
  readonly repeated: boolean;
  /** Whether a zero on the wire was meant by somebody. */
  readonly keepsZero: boolean;
  /** Of kind `message`, `inline`, and the unions of schemas; compiled on first use, because types contain themselves. */
  readonly message: MessagePlan;
  /** The value of a map, or the item of a list. */
  readonly element: FieldPlan | undefined;
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const extensions = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.';

/** Go types that are messages on this wire and single values in JSON. */
const special: Readonly<Record<string, Kind>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': kinds.quantity,
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': kinds.intOrString,
  'io.k8s.apimachinery.pkg.runtime.RawExtension': kinds.json,
  [`${meta}FieldsV1`]: kinds.json,
  [`${meta}Time`]: kinds.time,
  [`${meta}MicroTime`]: kinds.microTime,
  [`${extensions}JSON`]: kinds.json,
  [`${extensions}JSONSchemaPropsOrBool`]: kinds.schemaOrBool,
  [`${extensions}JSONSchemaPropsOrArray`]: kinds.schemaOrArray,
  [`${extensions}JSONSchemaPropsOrStringArray`]: kinds.schemaOrNames,
};

const schemaProps = `${extensions}JSONSchemaProps`;

/** Messages of which the recorded schema has no definition, because JSON has no kind of its own for them. */
const unrecorded: Schema = {
  [`${meta}PartialObjectMetadata`]: {
    gvk: ['meta.k8s.io/v1/PartialObjectMetadata', 'meta.k8s.io/v1beta1/PartialObjectMetadata'],
    fields: { metadata: { ref: `${meta}ObjectMeta`, pb: 1 } },
  },
  [`${meta}PartialObjectMetadataList`]: {
    gvk: ['meta.k8s.io/v1/PartialObjectMetadataList', 'meta.k8s.io/v1beta1/PartialObjectMetadataList'],
    fields: {
      metadata: { ref: `${meta}ListMeta`, pb: 1 },
      items: { array: { ref: `${meta}PartialObjectMetadata` }, pb: 2 },
    },
  },
};

type Inline = { readonly pb: number; readonly type: string };

/** The plans of all messages that the facts tell of, each made when it is first needed. */
export class MessagePlans {
  readonly #facts: ProtobufFacts;
  readonly #plans = new Map<string, MessagePlan>();
  #definitions: ReadonlyMap<string, string> | undefined;

  constructor(facts: ProtobufFacts) {
    this.#facts = facts;
  }

  has(definition: string): boolean {
    return definition in this.#facts.schema || definition in unrecorded;
  }

  /** The definition of a kind, if it is recorded. */
  definitionOf({ apiVersion, kind }: { readonly apiVersion: string; readonly kind: string }): string | undefined {
    this.#definitions ??= new Map(
      Object.entries({ ...this.#facts.schema, ...unrecorded }).flatMap(([name, { gvk = [] }]) =>
        gvk.map((one) => [one, name] as const),
      ),
    );
    const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
    return this.#definitions.get(`${version}/${kind}`);
  }

  /** Throws for a definition that is not recorded. */
  of(definition: string): MessagePlan {
    let plan = this.#plans.get(definition);
    if (plan !== undefined) return plan;
    const facts = this.#facts.schema[definition] ?? unrecorded[definition];
    if (facts === undefined) throw new Error(`Cannot find definition "${definition}": it is not recorded`);
    plan = this.#message(definition, numbersOf(facts), facts, facts);
    this.#plans.set(definition, plan);
    return plan;
  }

  /** `outer` holds the types of the members, `own` the structs that are inlined in the message itself. */
  #message(owner: string, numbers: Readonly<Record<string, number>>, outer: Definition, own: Definition | undefined) {
    const fields = outer.fields ?? {};
    const byNumber: (FieldPlan | undefined)[] = [];
    const byName = new Map<string, FieldPlan>();
    for (const [name, number] of Object.entries(numbers)) {
      const field = fields[name];
      if (field === undefined) continue;
      const plan = this.#field(owner, name, number, field);
      byNumber[number] = plan;
      byName.set(name, plan);
    }
    const inlines = ((own?.['pbInline'] ?? []) as readonly Inline[]).map(({ pb, type }) => {
      const inner = `${owner.slice(0, owner.lastIndexOf('.'))}.${type.slice(type.indexOf('.') + 1)}`;
      const definition = this.#facts.schema[inner];
      const innerNumbers = this.#facts.inlined[inner] ?? numbersOf(definition);
      const plan = lazily({ name: '', tag: tagOf(pb, 2), kind: kinds.inline }, () =>
        this.#message(owner, innerNumbers, outer, definition),
      );
      byNumber[pb] = plan;
      return plan;
    });
    return { definition: owner, byNumber, byName, inlines };
  }

  #field(owner: string, name: string, number: number, field: Field): FieldPlan {
    if (field.array !== undefined) return this.#value(name, number, field.array, { repeated: true });
    if (field.map !== undefined)
      return lazily({ name, tag: tagOf(number, 2), kind: kinds.map, element: this.#value('', 2, field.map) });
    const keepsZero = isSet(field) || field.required === true || (this.#facts.presence[owner]?.includes(name) ?? false);
    return this.#value(name, number, field, { keepsZero });
  }

  /** A value, or one of several of a list that is a field of the message itself. */
  #value(
    name: string,
    number: number,
    field: Field,
    more: Pick<Partial<FieldPlan>, 'repeated' | 'keepsZero'> = {},
  ): FieldPlan {
    if (field.array !== undefined)
      return lazily({ name, tag: tagOf(number, 2), kind: kinds.list, element: this.#value('', 1, field.array) });
    const kind = kindOf(field);
    return lazily({ name, tag: tagOf(number, wireOf(kind)), kind, ...more }, () =>
      this.of(kind === kinds.message ? field.ref! : schemaProps),
    );
  }
}

/** Whether a value that is there was set: of single values all but a port that Go writes always. */
function isSet({ ref, zero }: Field): boolean {
  const kind = ref === undefined ? undefined : special[ref];
  return kind !== undefined && (kind !== kinds.intOrString || zero !== 'shown');
}

/** With defaults for what the plan does not say. */
function lazily(
  plan: Pick<FieldPlan, 'name' | 'tag' | 'kind'> & Partial<FieldPlan>,
  message: () => MessagePlan = () => {
    throw new Error(`Cannot find the message of "${plan.name}": it has none`);
  },
): FieldPlan {
  let compiled: MessagePlan | undefined;
  const { name, tag, kind, repeated = false, keepsZero = false, element } = plan;
  return {
    name,
    tag,
    kind,
    repeated,
    keepsZero,
    element,
    get message() {
      return (compiled ??= message());
    },
  };
}

function tagOf(number: number, wire: number): number {
  return number * 8 + wire;
}

function wireOf(kind: Kind): number {
  if (kind === kinds.int32 || kind === kinds.int64 || kind === kinds.boolean) return 0;
  return kind === kinds.double ? 1 : 2;
}

function kindOf({ ref, type, format }: Field): Kind {
  if (ref !== undefined) return special[ref] ?? kinds.message;
  if (type === 'integer') return format === 'int64' ? kinds.int64 : kinds.int32;
  if (type === 'boolean') return kinds.boolean;
  if (type === 'number') return kinds.double;
  return format === 'byte' ? kinds.bytes : kinds.string;
}

function numbersOf(definition: Definition | undefined): Record<string, number> {
  const numbers: Record<string, number> = {};
  for (const [name, { pb }] of Object.entries(definition?.fields ?? {})) if (pb !== undefined) numbers[name] = pb;
  return numbers;
}
