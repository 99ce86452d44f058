/** As much of a browser's document as Preact touches, so that components are tested where their logic is: no layout, no styles. */
class SmallNode {
  parentNode: SmallNode | null = null;
  childNodes: SmallNode[] = [];
  readonly nodeType: number;
  constructor(nodeType: number) {
    this.nodeType = nodeType;
  }

  get firstChild(): SmallNode | null {
    return this.childNodes[0] ?? null;
  }

  get nextSibling(): SmallNode | null {
    const siblings = this.parentNode?.childNodes ?? [];
    return siblings[siblings.indexOf(this) + 1] ?? null;
  }

  get ownerDocument(): unknown {
    return globalThis.document;
  }

  get isConnected(): boolean {
    return this.parentNode?.isConnected ?? false;
  }

  get textContent(): string {
    return this.childNodes.map(({ textContent }) => textContent).join('');
  }

  insertBefore(node: SmallNode, before: SmallNode | null): SmallNode {
    node.remove();
    const at = before === null ? this.childNodes.length : this.childNodes.indexOf(before);
    this.childNodes.splice(at, 0, node);
    node.parentNode = this;
    return node;
  }

  appendChild(node: SmallNode): SmallNode {
    return this.insertBefore(node, null);
  }

  removeChild(node: SmallNode): SmallNode {
    node.remove();
    return node;
  }

  remove(): void {
    const siblings = this.parentNode?.childNodes;
    if (siblings !== undefined) siblings.splice(siblings.indexOf(this), 1);
    this.parentNode = null;
  }

  contains(node: SmallNode | null): boolean {
    return node !== null && (node === this || this.contains(node.parentNode));
  }
}

class SmallText extends SmallNode {
  data: string;
  constructor(data: string) {
    super(3);
    this.data = data;
  }

  override get textContent(): string {
    return this.data;
  }
}

/** An element; what tests ask of it is at the end. */
export class SmallElement extends SmallNode {
  readonly localName: string;
  readonly namespaceURI = 'http://www.w3.org/1999/xhtml';
  readonly attributes: { name: string; value: string }[] = [];
  readonly style: Record<string, string> = {};
  readonly #listeners = new Map<string, (event: unknown) => void>();

  constructor(localName: string) {
    super(1);
    this.localName = localName;
  }

  setAttribute(name: string, value: string): void {
    this.removeAttribute(name);
    this.attributes.push({ name, value: String(value) });
  }

  removeAttribute(name: string): void {
    const at = this.attributes.findIndex((attribute) => attribute.name === name);
    if (at >= 0) this.attributes.splice(at, 1);
  }

  getAttribute(name: string): string | undefined {
    return this.attributes.find((attribute) => attribute.name === name)?.value;
  }

  addEventListener(type: string, listener: (event: unknown) => void): void {
    this.#listeners.set(type, listener);
  }

  removeEventListener(type: string): void {
    this.#listeners.delete(type);
  }

  focus(): void {}

  getBoundingClientRect(): { top: number; height: number } {
    return { top: 0, height: 0 };
  }

  click(): void {
    this.fire('click', {});
  }

  /** Has the element's own listener hear of an event. */
  fire(type: string, event: object): void {
    this.#listeners.get(type)?.call(this, { type, target: this, currentTarget: this, ...event });
  }

  /** All elements below, in the order of the document. */
  *all(): Generator<SmallElement> {
    for (const child of this.childNodes) {
      if (!(child instanceof SmallElement)) continue;
      yield child;
      yield* child.all();
    }
  }

  /** The elements below of a name, and with a text where one is given. */
  named(localName: string, text?: string | RegExp): SmallElement[] {
    return [...this.all()].filter(
      (one) =>
        one.localName === localName &&
        (typeof text === 'string' ? one.textContent === text : (text?.test(one.textContent) ?? true)),
    );
  }
}

class SmallRoot extends SmallElement {
  override get isConnected(): boolean {
    return true;
  }
}

const smallDocument = {
  activeElement: null,
  createElementNS: (_: string, name: string) => new SmallElement(name),
  createElement: (name: string) => new SmallElement(name),
  createTextNode: (data: string) => new SmallText(data),
};

/** Makes it the document of this process, which has none. */
export function installDocument(): void {
  Object.assign(globalThis, {
    document: smallDocument,
    innerHeight: 720,
    HTMLElement: SmallElement,
    Element: SmallElement,
    location: { hash: '' },
    addEventListener: () => {},
    removeEventListener: () => {},
  });
}

export function newRoot(): SmallElement {
  return new SmallRoot('body');
}
