import { Transform, type TransformCallback } from 'node:stream';

/** Which attributes of which elements hold a URL: those of HTML that Kubernetes' proxy knows. */
const urlAttributes: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    a: ['href'],
    applet: ['codebase'],
    area: ['href'],
    audio: ['src'],
    base: ['href'],
    blockquote: ['cite'],
    body: ['background'],
    button: ['formaction'],
    command: ['icon'],
    del: ['cite'],
    embed: ['src'],
    form: ['action'],
    frame: ['longdesc', 'src'],
    head: ['profile'],
    html: ['manifest'],
    iframe: ['longdesc', 'src'],
    img: ['longdesc', 'src', 'usemap'],
    input: ['src', 'usemap', 'formaction'],
    ins: ['cite'],
    link: ['href'],
    object: ['classid', 'codebase', 'data', 'usemap'],
    q: ['cite'],
    script: ['src'],
    source: ['src'],
    video: ['poster', 'src'],
  }),
);

/** Elements whose content is text up to their end tag, whatever it looks like. */
const rawText = new Set(['script', 'style', 'textarea', 'title', 'iframe', 'noembed', 'noframes', 'xmp']);

const nothing = Buffer.alloc(0);

/** A longer tag, comment or the like passes as it is, from its beginning to its end. */
const longestTag = 64 * 1024;

/**
 * Passes HTML on with its URLs changed and all else as it was, byte by byte: tags are read as a browser reads them, and
 * only the values of attributes that hold a URL and change are written anew. Holds back one tag at most.
 */
export class HtmlUrls extends Transform {
  readonly #rewrite: (url: string) => string;
  /** What could not be read yet. Text of one character for each byte: all that matters here is ASCII. */
  #rest = '';
  /** The element whose raw text this is. */
  #rawElement: string | undefined;
  /** How long the rest must be before it is read again. */
  #tryAt = 0;
  /** Ends what is too long to be held back. */
  #skippingTo: string | undefined;

  constructor(rewrite: (url: string) => string) {
    super();
    this.#rewrite = rewrite;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    done(null, this.#take(chunk.toString('latin1'), false));
  }

  override _flush(done: TransformCallback): void {
    done(null, this.#take('', true));
  }

  #take(more: string, isLast: boolean): Buffer {
    const text = this.#rest + more;
    if (!isLast && text.length < this.#tryAt) {
      this.#rest = text;
      return nothing;
    }
    const out: string[] = [];
    let at = 0;
    while (at < text.length) {
      const next = this.#step(text, at, out);
      if (next === undefined) break;
      at = next;
    }
    this.#rest = isLast ? '' : text.slice(at);
    if (isLast) out.push(text.slice(at));
    else if (this.#rest.length > longestTag) {
      this.#skippingTo = endOf(this.#rest);
      out.push(this.#rest.slice(0, -2)); // what ends it may have begun
      this.#rest = this.#rest.slice(-2);
    }
    // A long tag that comes in little pieces is not read anew for each of them.
    const held = this.#rest.length;
    this.#tryAt = held < 1024 ? 0 : held + held / 8;
    return Buffer.from(out.join(''), 'latin1');
  }

  /** Reads one piece that begins at `at`; answers where the next begins, `undefined` when the piece is not complete. */
  #step(text: string, at: number, out: string[]): number | undefined {
    if (this.#skippingTo !== undefined) return this.#skip(text, at, out, this.#skippingTo);
    if (this.#rawElement !== undefined) return this.#rawPiece(text, at, out, this.#rawElement);
    const open = text.indexOf('<', at);
    if (open !== at) return pass(text, at, open < 0 ? text.length : open, out);
    const second = text[at + 1];
    if (second === undefined) return undefined;
    if (second === '!' || second === '?' || second === '/') {
      if (second === '!' && text.length < at + 4) return undefined;
      const end = endOf(text.slice(at, at + 4));
      const found = text.indexOf(end, at + (end === '-->' ? 2 : 1));
      return found < 0 ? undefined : pass(text, at, found + end.length, out);
    }
    if (!/[a-z]/i.test(second)) return pass(text, at, at + 1, out);
    const tag = readTag(text, at);
    if (tag === undefined) return undefined;
    out.push(this.#rewritten(text.slice(at, tag.end), at, tag));
    if (rawText.has(tag.name)) this.#rawElement = tag.name;
    return tag.end;
  }

  #skip(text: string, at: number, out: string[], end: string): number | undefined {
    const found = text.indexOf(end, at);
    if (found >= 0) {
      this.#skippingTo = undefined;
      return pass(text, at, found + end.length, out);
    }
    const safe = text.length - end.length + 1;
    return safe > at ? pass(text, at, safe, out) : undefined;
  }

  #rawPiece(text: string, at: number, out: string[], element: string): number | undefined {
    const close = text.indexOf('</', at);
    if (close < 0) return text.length - at > 1 ? pass(text, at, text.length - 1, out) : undefined;
    if (close > at) return pass(text, at, close, out);
    const end = at + 2 + element.length;
    if (text.length <= end) return undefined;
    if (text.slice(at + 2, end).toLowerCase() !== element || !/[\s/>]/.test(text[end]!))
      return pass(text, at, at + 2, out);
    this.#rawElement = undefined;
    return at; // the end tag itself is read as any other
  }

  /** `start`: where `tag` begins in the text that its places are of. */
  #rewritten(raw: string, start: number, { name, attributes }: Tag): string {
    const wanted = urlAttributes.get(name);
    if (wanted === undefined) return raw;
    let out = '';
    let done = 0;
    for (const { key, from, to } of attributes) {
      if (!wanted.includes(key)) continue;
      const value = raw.slice(from - start, to - start);
      const quote = /^["']/.test(value) ? value[0]! : '';
      const bytes = quote === '' ? value : value.slice(1, -1);
      const url = unescaped(Buffer.from(bytes, 'latin1').toString());
      const changed = this.#rewrite(url);
      if (changed === url) continue;
      out += raw.slice(done, from - start) + Buffer.from(`"${escaped(changed)}"`).toString('latin1');
      done = to - start;
    }
    return out + raw.slice(done);
  }
}

interface Tag {
  readonly name: string;
  /** Behind the `>`. */
  readonly end: number;
  readonly attributes: readonly Attribute[];
}

interface Attribute {
  readonly key: string;
  /** Where its value is, with its quotes. */
  readonly from: number;
  readonly to: number;
}

const space = /[\t\n\f\r ]/;

/** The start tag at `start`, `undefined` if it does not end here. One walk over it. */
function readTag(text: string, start: number): Tag | undefined {
  let at = start + 1;
  const { length } = text;
  while (at < length && !/[\t\n\f\r />]/.test(text[at]!)) at++;
  const name = text.slice(start + 1, at).toLowerCase();
  const attributes: Attribute[] = [];
  while (at < length) {
    if (text[at] === '>') return { name, end: at + 1, attributes };
    if (text[at] === '/' || space.test(text[at]!)) {
      at++;
      continue;
    }
    const keyFrom = at++; // even a `=` belongs to a name that it begins
    while (at < length && !/[\t\n\f\r />=]/.test(text[at]!)) at++;
    const key = text.slice(keyFrom, at).toLowerCase();
    let value = at;
    while (value < length && space.test(text[value]!)) value++;
    if (text[value] !== '=') continue;
    for (value++; value < length && space.test(text[value]!);) value++;
    if (text[value] === '>') continue;
    const quote = text[value];
    at = value;
    if (quote === '"' || quote === "'") {
      const close = text.indexOf(quote, value + 1);
      if (close < 0) return undefined;
      at = close + 1;
    } else while (at < length && !/[\t\n\f\r >]/.test(text[at]!)) at++;
    attributes.push({ key, from: value, to: at });
  }
  return undefined;
}

function endOf(beginning: string): string {
  return beginning.startsWith('<!--') ? '-->' : '>';
}

function pass(text: string, from: number, to: number, out: string[]): number {
  out.push(text.slice(from, to));
  return to;
}

const characters: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Of the named characters, those that a URL in a document needs; all that have numbers. */
function unescaped(value: string): string {
  return value.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g, (all, decimal, hex, name) => {
    if (name !== undefined) return characters[name as string]!;
    const code = decimal !== undefined ? Number(decimal) : parseInt(hex as string, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : (all as string);
  });
}

function escaped(value: string): string {
  return value.replace(/[&"<>]/g, (one) => ({ '&': '&amp;', '"': '&#34;', '<': '&lt;', '>': '&gt;' })[one]!);
}
