/** core/v1 Taint. */
interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** core/v1 Toleration. */
interface Toleration {
  readonly key?: string;
  readonly operator?: 'Equal' | 'Exists' | 'Gt' | 'Lt';
  readonly value?: string;
  readonly effect?: string;
}

/** Whether any of the tolerations accepts the taint. */
export function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some((toleration) => accepts(toleration, taint));
}

/** No key accepts all keys, no effect all effects. */
export function accepts({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator) {
    case 'Exists':
      return true;
    case 'Gt':
    case 'Lt':
      return comparesTo(taint.value ?? '', operator, value);
    default:
      return value === (taint.value ?? '');
  }
}

/** `Gt`: the taint's number is greater than the toleration's. What is no whole number is never tolerated by number. */
function comparesTo(taint: string, operator: 'Gt' | 'Lt', toleration: string): boolean {
  const whole = /^[+-]?\d{1,19}$/;
  if (!whole.test(taint) || !whole.test(toleration)) return false;
  const [a, b] = [BigInt(taint.replace('+', '')), BigInt(toleration.replace('+', ''))];
  return operator === 'Gt' ? a > b : a < b;
}
