import { jsonEqual } from '../../apimachinery/equality.ts';
import { shortened } from '../../apimachinery/go-text.ts';
import { RawNumber } from '../../apimachinery/raw-number.ts';
import { notInEnum } from './failures.ts';
import type { JsonSchema } from './json-schema.ts';
import type { Result } from './result.ts';

/** The values of an enum: those that are found by what they are, and those that have to be compared. */
interface Values {
  readonly scalars: ReadonlySet<unknown>;
  readonly composite: readonly unknown[];
  /** As messages show them. */
  readonly supported: readonly string[];
  /** The beginning of these. */
  readonly list: string;
}

const known = new WeakMap<readonly unknown[], Values>();

/** Whether the value is one of those that the schema lists, if it does. Null never is. */
export function checkEnum(result: Result, value: unknown, { enum: values }: JsonSchema, name: string): void {
  if (values === undefined || values.length === 0) return;
  const own = valuesOf(values);
  if (value === null || !has(own, value)) result.add(notInEnum(name, value, own.supported, own.list));
}

function has({ scalars, composite }: Values, value: unknown): boolean {
  return scalars.has(scalar(value)) || composite.some((one) => jsonEqual(one, value));
}

/** A schema is frozen, and asked for each item of a list. */
function valuesOf(values: readonly unknown[]): Values {
  const made = known.get(values);
  if (made !== undefined) return made;
  const isComposite = (value: unknown) => typeof scalar(value) === 'object' && value !== null;
  const supported = values.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  const sorted = {
    scalars: new Set(values.filter((one) => !isComposite(one)).map(scalar)),
    composite: values.filter(isComposite),
    supported,
    list: shortened(supported.join(' ')),
  };
  known.set(values, sorted);
  return sorted;
}

/** Numbers are the same in whatever way they are written. */
function scalar(value: unknown): unknown {
  return value instanceof RawNumber ? Number(value) : value;
}
