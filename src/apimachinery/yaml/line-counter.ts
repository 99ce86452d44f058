/** Tells the line of positions in a text, the first being 1. Positions that grow cost one walk over the text altogether. */
export class LineCounter {
  readonly #text: Pick<string, 'indexOf'>;
  #position = 0;
  #line = 1;

  constructor(text: Pick<string, 'indexOf'>) {
    this.#text = text;
  }

  lineOf(position: number): number {
    if (position < this.#position) {
      this.#position = 0;
      this.#line = 1;
    }
    for (;;) {
      const feed = this.#text.indexOf('\n', this.#position);
      if (feed < 0 || feed >= position) break;
      this.#position = feed + 1;
      this.#line++;
    }
    return this.#line;
  }
}
