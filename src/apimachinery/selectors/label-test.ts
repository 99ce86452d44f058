import { integerOf, requirementMatcher, type Labels, type Requirement } from './requirement.ts';

/** What a label must be: there, and one of `values` and between the bounds where those are. */
interface Wanted {
  values?: ReadonlySet<string>;
  above?: bigint;
  below?: bigint;
}

/** What a label may not be: there at all, or one of these values. */
type Unwanted = 'any' | Set<string>;

/** From so many labels that may not be on, those that an object has are looked up among them. */
const fewUnwanted = 8;

/**
 * A function that tells whether labels meet all requirements. Requirements of one label become one, and of those that
 * forbid something only the ones are looked at whose label is there: many cost an object no more than a few.
 */
export function labelTest(requirements: readonly Requirement[]): (labels: Labels) => boolean {
  const [only] = requirements;
  if (only !== undefined && requirements.length === 1) return requirementMatcher(only);
  const wanted = new Map<string, Wanted>();
  const unwanted = new Map<string, Unwanted>();
  for (const one of requirements) {
    if (isForbidding(one)) unwanted.set(one.key, alsoUnwanted(unwanted.get(one.key), one));
    else wanted.set(one.key, alsoWanted(wanted.get(one.key) ?? {}, one));
  }
  const must = [...wanted];
  const mustNot = [...unwanted];
  return (labels) => {
    for (const [key, what] of must) if (!isWanted(labels[key], what)) return false;
    if (mustNot.length <= fewUnwanted) {
      for (const [key, what] of mustNot) if (isUnwanted(labels[key], what)) return false;
      return true;
    }
    for (const [key, value] of Object.entries(labels)) {
      const what = unwanted.get(key);
      if (what !== undefined && isUnwanted(value, what)) return false;
    }
    return true;
  };
}

function isForbidding({ operator }: Requirement): boolean {
  return operator === '!' || operator === '!=' || operator === 'notin';
}

function alsoUnwanted(before: Unwanted | undefined, { operator, values }: Requirement): Unwanted {
  if (operator === '!' || before === 'any') return 'any';
  if (before === undefined) return new Set(values);
  for (const value of values) before.add(value);
  return before;
}

function alsoWanted(before: Wanted, { operator, values }: Requirement): Wanted {
  if (operator === 'exists') return before;
  if (operator === 'gt' || operator === 'lt') {
    const bound = integerOf(values[0]!)!;
    if (operator === 'gt')
      return { ...before, above: before.above === undefined || bound > before.above ? bound : before.above };
    return { ...before, below: before.below === undefined || bound < before.below ? bound : before.below };
  }
  const { values: others } = before;
  return { ...before, values: new Set(others === undefined ? values : values.filter((value) => others.has(value))) };
}

function isWanted(value: string | undefined, { values, above, below }: Wanted): boolean {
  if (typeof value !== 'string') return false;
  if (values !== undefined && !values.has(value)) return false;
  if (above === undefined && below === undefined) return true;
  const number = integerOf(value);
  if (number === undefined) return false;
  return (above === undefined || number > above) && (below === undefined || number < below);
}

function isUnwanted(value: string | undefined, what: Unwanted): boolean {
  return typeof value === 'string' && (what === 'any' || what.has(value));
}
