/** What part of a report says: the last of its whole lines counts. `revision` is absent in an empty line. */
export type Told =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'report'; readonly revision: number | undefined }
  | { readonly kind: 'nonsense' };

const longestLine = 20;

/** Reads a report: lines that are empty or a revision. */
export class ReportLines {
  #rest = '';

  push(text: string): Told {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    if (this.#rest.length > longestLine) return { kind: 'nonsense' };
    const last = lines.at(-1);
    if (last === undefined) return { kind: 'nothing' };
    if (last === '') return { kind: 'report', revision: undefined };
    return /^\d{1,15}$/.test(last) ? { kind: 'report', revision: Number(last) } : { kind: 'nonsense' };
  }
}
