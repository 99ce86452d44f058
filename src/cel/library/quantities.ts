import {
  addQuantities,
  compareQuantities,
  hasFraction,
  parseQuantity,
  quantityComplaint,
  quantityOf,
  quantityText,
  quantityToNumber,
  quantityValue,
  subtractQuantities,
  type Quantity,
} from '../../apimachinery/quantity.ts';
import { memberOverload, overload, type Library } from '../check/function.ts';
import { boolType, doubleType, intType, stringType, structType } from '../type.ts';
import { spendLetters } from '../values/effort.ts';
import { checked } from '../values/int.ts';
import { CelError, CelObject, Double, type Int } from '../values/value.ts';

export const quantityType = structType('kubernetes.Quantity');

/** An amount as expressions have it. */
export class QuantityValue extends CelObject {
  readonly quantity: Quantity;

  constructor(quantity: Quantity) {
    super();
    this.quantity = quantity;
  }

  get type() {
    return quantityType;
  }

  override isEqual(other: CelObject): boolean {
    return other instanceof QuantityValue && order(this, other) === 0;
  }

  override toString(): string {
    return quantityText(this.quantity);
  }
}

function parse(text: string): QuantityValue | CelError {
  const complaint = quantityComplaint(text);
  return complaint === undefined ? new QuantityValue(parseQuantity(text)) : new CelError(complaint);
}

/** To bring amounts to the same power of ten takes as long as to go through so many letters, for each power between. */
const lettersOfPower = 4;
/** To write all digits of an amount takes as long at most. */
const lettersOfDigits = 4096;

function spendPowers(...quantities: readonly Quantity[]): void {
  const scales = quantities.map(({ scale }) => scale);
  spendLetters(lettersOfPower * (Math.max(...scales) - Math.min(...scales)));
}

function integerOf({ quantity }: QuantityValue): Int | undefined {
  spendPowers(quantity, zero.quantity);
  if (hasFraction(quantity)) return undefined;
  const value = checked(quantityValue(quantity));
  return value instanceof CelError ? undefined : value;
}

function order(a: QuantityValue, b: QuantityValue): number {
  spendPowers(a.quantity, b.quantity);
  return compareQuantities(a.quantity, b.quantity);
}

function computed(of: typeof addQuantities, a: Quantity, b: Quantity): QuantityValue {
  spendPowers(a, b);
  return new QuantityValue(of(a, b));
}

const compute = (of: typeof addQuantities) => (a: QuantityValue, b: QuantityValue) =>
  computed(of, a.quantity, b.quantity);
const withInt = (of: typeof addQuantities) => (a: QuantityValue, b: Int) =>
  computed(of, a.quantity, quantityOf(b, 'DecimalExponent'));

const [one, two] = [[quantityType], [quantityType, quantityType]];

/** Amounts with suffixes: `quantity('100Mi')`. */
export const quantities: Library = {
  quantity: [overload('string_to_quantity', [stringType], quantityType, parse)],
  isQuantity: [
    overload('is_quantity_string', [stringType], boolType, (text: string) => quantityComplaint(text) === undefined),
  ],
  sign: [overload('quantity_sign', one, intType, (value: QuantityValue) => order(value, zero))],
  isGreaterThan: [
    memberOverload('quantity_is_greater_than', two, boolType, (a: QuantityValue, b: QuantityValue) => order(a, b) > 0),
  ],
  isLessThan: [
    memberOverload('quantity_is_less_than', two, boolType, (a: QuantityValue, b: QuantityValue) => order(a, b) < 0),
  ],
  compareTo: [memberOverload('quantity_compare_to', two, intType, order)],
  asApproximateFloat: [
    memberOverload('quantity_get_float', one, doubleType, ({ quantity }: QuantityValue) => {
      spendLetters(lettersOfDigits);
      return new Double(quantityToNumber(quantity));
    }),
  ],
  asInteger: [
    memberOverload(
      'quantity_get_int',
      one,
      intType,
      (value: QuantityValue) => integerOf(value) ?? new CelError('cannot convert value to integer'),
    ),
  ],
  isInteger: [
    memberOverload('quantity_is_integer', one, boolType, (value: QuantityValue) => integerOf(value) !== undefined),
  ],
  add: [
    memberOverload('quantity_add', two, quantityType, compute(addQuantities)),
    memberOverload('quantity_add_int', [quantityType, intType], quantityType, withInt(addQuantities)),
  ],
  sub: [
    memberOverload('quantity_sub', two, quantityType, compute(subtractQuantities)),
    memberOverload('quantity_sub_int', [quantityType, intType], quantityType, withInt(subtractQuantities)),
  ],
};

const zero = new QuantityValue(quantityOf(0));
