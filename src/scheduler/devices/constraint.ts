import type { Device, DeviceAttribute, DeviceConstraint } from '../../api/resource/v1/types.ts';

/** What the devices of a claim must have in common, or must not. Devices come and go in the order of a stack. */
export class Constraint {
  readonly #attribute: string;
  readonly #isDistinct: boolean;
  /** Absent: all. */
  readonly #requests: ReadonlySet<string> | undefined;
  readonly #values: string[] = [];

  constructor({ requests = [], matchAttribute, distinctAttribute }: DeviceConstraint) {
    this.#attribute = matchAttribute ?? distinctAttribute ?? '';
    this.#isDistinct = matchAttribute === undefined;
    this.#requests = requests.length === 0 ? undefined : new Set(requests);
  }

  /** Answers whether the device goes with those that are there already; only then it is among them. */
  add(request: string, device: Readonly<Device>, driver: string): boolean {
    if (!this.#isAbout(request)) return true;
    const value = valueOf(device, this.#attribute, driver);
    if (value === undefined) return false;
    const goes = this.#isDistinct
      ? !this.#values.includes(value)
      : this.#values.length === 0 || this.#values[0] === value;
    if (goes) this.#values.push(value);
    return goes;
  }

  /** The device that was added last is none of them any more. */
  remove(request: string): void {
    if (this.#isAbout(request)) this.#values.pop();
  }

  #isAbout(request: string): boolean {
    const parent = request.split('/')[0]!;
    return this.#requests === undefined || this.#requests.has(request) || this.#requests.has(parent);
  }
}

/** The value with its type; a name without a domain is in that of the driver. */
function valueOf({ attributes = {} }: Readonly<Device>, name: string, driver: string): string | undefined {
  const prefix = `${driver}/`;
  const found = attributes[name] ?? (name.startsWith(prefix) ? attributes[name.slice(prefix.length)] : undefined);
  return found === undefined ? undefined : textOf(found);
}

function textOf({ string, int, bool, version }: DeviceAttribute): string | undefined {
  const [entry] = Object.entries({ string, int, bool, version }).filter(([, value]) => value !== undefined);
  return entry && JSON.stringify(entry);
}
