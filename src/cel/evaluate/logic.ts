import { CelError, Optional, type Value } from '../values/value.ts';
import type { Step } from './frame.ts';

/** Operators that do not need all their operands. They cost nothing beside these. */

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
