/** An element of a map, or of a set (`value` is empty then). Key and value are nftables' text. */
export interface Element<Collection extends string = string> {
  readonly collection: Collection;
  readonly key: string;
  readonly value: string;
}

/** What turns one state of a table into another. */
export interface Difference<Collection extends string = string> {
  /** Elements as they are in the kernel. */
  readonly remove: readonly Element<Collection>[];
  readonly add: readonly Element<Collection>[];
}

/** What an nftables table consists of. Nothing else is in it, and who has it touches no other. */
export interface TableLayout<Collection extends string = string> {
  readonly name: string;
  /** How each map and set that has elements is declared, in the order in which they are filled. */
  readonly declarations: Readonly<Record<Collection, string>>;
  /** The lines of what never changes: chains with hooks, and collections that the kernel fills. */
  readonly fixed: readonly string[];
  /** The chain that an element leads to, beside the fixed ones. */
  chainOf(element: Element<Collection>): string | undefined;
  /** The rules of such a chain. */
  rulesOf(chain: string): readonly string[];
}
