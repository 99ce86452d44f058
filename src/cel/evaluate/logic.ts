import { equalCost } from '../cost/call-cost.ts';
import { isEqual } from '../values/equal.ts';
import { CelError, Optional, type Value } from '../values/value.ts';
import type { Step } from './frame.ts';

/** Operators that do not need all their operands, which cost nothing beside these, and equality. */

const noOverload = new CelError('no such overload');

function asError(value: Value): CelError {
  return value instanceof CelError ? value : noOverload;
}

/** False where one of the two is, whatever the other is. */
export function and(left: Step, right: Step): Step {
  return (frame) => {
    const a = left(frame);
    if (a === false) return false;
    const b = right(frame);
    if (b === false) return false;
    if (a !== true) return asError(a);
    return b === true ? true : asError(b);
  };
}

/** True where one of the two is, whatever the other is. */
export function or(left: Step, right: Step): Step {
  return (frame) => {
    const a = left(frame);
    if (a === true) return true;
    const b = right(frame);
    if (b === true) return true;
    if (a !== false) return asError(a);
    return b === false ? false : asError(b);
  };
}

export function conditional(condition: Step, then: Step, otherwise: Step): Step {
  return (frame) => {
    const value = condition(frame);
    if (value === true) return then(frame);
    return value === false ? otherwise(frame) : asError(value);
  };
}

/** The optional where it has a value, otherwise what the other operand is: an optional, or (`unwraps`) a value. */
export function optionalOr(left: Step, right: Step, unwraps: boolean): Step {
  return (frame) => {
    const value = left(frame);
    if (!(value instanceof Optional)) return value;
    if (value.value === undefined) return right(frame);
    return unwraps ? value.value : value;
  };
}

/** `==` and `!=`, by what comparing the two costs. */
export function equality(left: Step, right: Step, name: '_==_' | '_!=_'): Step {
  const wanted = name === '_==_';
  return (frame) => {
    const a = left(frame);
    const b = right(frame);
    frame.charge(equalCost(a, b));
    if (a instanceof CelError) return a;
    return b instanceof CelError ? b : isEqual(a, b) === wanted;
  };
}

/** Whether a comprehension may go on. */
export function notStrictlyFalse(step: Step): Step {
  return (frame) => {
    const value = step(frame);
    frame.charge(1);
    return value !== false;
  };
}
