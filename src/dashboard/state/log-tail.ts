/** A log may be endless, and the browser's memory is not: this many lines are kept, each up to this many characters. */
const mostLines = 5000;
const mostCharacters = 4096;

/** The last lines of a text that comes in pieces, cut anywhere. */
export class LogTail {
  readonly #most: number;
  #lines: string[] = [];
  /** What came after the last line break. */
  #rest = '';
  #dropped = 0;

  constructor(most = mostLines) {
    this.#most = most;
  }

  /** How many lines there were before those that are kept. */
  get dropped(): number {
    return this.#dropped;
  }

  push(piece: string): void {
    const [first = '', ...others] = piece.split('\n');
    this.#rest = cut(this.#rest + first);
    for (const line of others) {
      this.#lines.push(plain(this.#rest));
      this.#rest = cut(line);
    }
    // Lines go in heaps, so that a full log does not move all of them for each new one.
    if (this.#lines.length > 2 * this.#most) this.#drop();
  }

  /** The lines that are kept, with the one that has not ended. */
  text(): string {
    this.#drop();
    return [...this.#lines, plain(this.#rest)].join('\n');
  }

  #drop(): void {
    const surplus = this.#lines.length - this.#most;
    if (surplus <= 0) return;
    this.#lines.splice(0, surplus);
    this.#dropped += surplus;
  }
}

function cut(line: string): string {
  return line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line;
}

/** Without the colours and movements that programs write for terminals. */
function plain(line: string): string {
  return line.replace(/\u001B(?:\[[0-?]*[ -/]*[@-~]|[@-Z\\-_])/g, '').replace(/\r$/, '');
}
