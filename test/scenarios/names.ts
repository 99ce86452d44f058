const uid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/**
 * Gives numbers to the random ends of generated names, and to uids, in the order in which they turn up. Which letters they are says
 * nothing, and shifts with every object that anybody makes.
 */
export class Names {
  readonly #numbers = new Map<string, string>();
  readonly #uids = new Map<string, string>();

  /** What was drawn, in the order in which it turned up. */
  get drawn(): readonly string[] {
    return [...this.#numbers.keys(), ...this.#uids.keys()];
  }

  /** The text with `web-7hfhwqp78p-1` for `web-7hfhwqp78p-x2b9z`. */
  numbered(text: string): string {
    const withoutUids = text.replace(uid, (found) => numberOf(this.#uids, found));
    return withoutUids.replace(
      /-([bcdfghjklmnpqrstvwxz2456789]{5})(?![\w-])/g,
      (_, letters: string) => `-${numberOf(this.#numbers, letters)}`,
    );
  }

  /** Objects in the order of their numbered names. */
  sorted<T extends { readonly metadata: { readonly name: string } }>(objects: readonly T[]): T[] {
    return this.inOrder(objects, ({ metadata }) => metadata.name);
  }

  /** Things in the order of the numbered names that they have. */
  inOrder<T>(things: readonly T[], nameOf: (thing: T) => string): T[] {
    const number = (thing: T): string => this.numbered(nameOf(thing));
    return things.toSorted((a, b) => number(a).localeCompare(number(b), 'en', { numeric: true }));
  }
}

/** What is not known yet gets the next number. */
function numberOf(numbers: Map<string, string>, letters: string): string {
  const number = numbers.get(letters) ?? String(numbers.size + 1);
  numbers.set(letters, number);
  return number;
}
