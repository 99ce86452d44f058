import type { Steps } from '../../base/in-steps.ts';
import type { Structure } from '../structure.ts';
import { compare, comparing, type Comparison } from './comparison.ts';
import { emptySet, type FieldSet } from './field-set.ts';
import { prune } from './prune.ts';

/** The versions of a kind, for managers that wrote an object in another one than the request's. */
export interface OtherVersions {
  /** What objects of a version look like; `undefined` where nobody knows: fields of such managers count as they are. */
  structureOf(apiVersion: string): Structure | undefined;
  /** An object in another version. Must not change it, and must make the same of the same. */
  convert(object: unknown, apiVersion: string): unknown;
}

/** In which version two objects are, and which others there are. */
export interface InVersion {
  readonly apiVersion: string;
  readonly structure: Structure;
  /** Default: fields of all managers count as they are. */
  readonly versions?: OtherVersions | undefined;
}

/** What differs between an object before and after a write, as managers of each version see it. */
export class Comparisons {
  readonly #before: unknown;
  readonly #after: unknown;
  readonly #request: InVersion & { readonly ignored: FieldSet };
  readonly #known = new Map<string, Comparison>();
  #own: Comparison | undefined;

  constructor(before: unknown, after: unknown, request: InVersion & { readonly ignored: FieldSet }) {
    this.#before = before;
    this.#after = after;
    this.#request = request;
  }

  /** In the request's version; made when it is first asked for, since who applies what nobody else owns need not know. */
  *own(): Steps<Comparison> {
    const { structure, ignored } = this.#request;
    return (this.#own ??= yield* comparing(this.#before, this.#after, structure, ignored));
  }

  *of(apiVersion: string | undefined): Steps<Comparison> {
    const { versions, ignored } = this.#request;
    const structure = isOther(apiVersion, this.#request) ? versions?.structureOf(apiVersion) : undefined;
    if (versions === undefined || apiVersion === undefined || structure === undefined) return yield* this.own();
    let known = this.#known.get(apiVersion);
    if (known === undefined) {
      const [before, after] = [versions.convert(this.#before, apiVersion), versions.convert(this.#after, apiVersion)];
      this.#known.set(apiVersion, (known = yield* comparing(before, after, structure, ignored)));
    }
    return known;
  }
}

function isOther(apiVersion: string | undefined, request: InVersion): apiVersion is string {
  return apiVersion !== undefined && apiVersion !== request.apiVersion;
}

/**
 * As `prune`, where what was applied before was applied in the version `last`, and owners own fields in versions of theirs.
 * Answers an object of the request's version.
 */
export function pruneInVersions(
  value: unknown,
  before: FieldSet,
  last: string | undefined,
  owned: ReadonlyMap<string, FieldSet>,
  request: InVersion,
): unknown {
  const { versions, apiVersion, structure } = request;
  const ownedIn = (version: string): FieldSet => owned.get(version) ?? emptySet;
  const lastStructure = isOther(last, request) ? versions?.structureOf(last) : undefined;
  const [home, homeStructure] =
    last === undefined || lastStructure === undefined ? [apiVersion, structure] : [last, lastStructure];
  const convert = (object: unknown, from: string, to: string) => (from === to ? object : versions!.convert(object, to));
  const whole = convert(value, apiVersion, home);
  let [pruned, at] = [prune(whole, before, ownedIn(home), homeStructure) ?? {}, home];
  for (const [version, fields] of owned) {
    if (version === home) continue;
    const type = version === apiVersion ? structure : versions?.structureOf(version);
    if (type === undefined) continue;
    const there = convert(whole, home, version);
    const { removed } = compare(there, convert(pruned, at, version), type, emptySet);
    [pruned, at] = [prune(there, removed, fields, type) ?? {}, version];
  }
  return convert(pruned, at, apiVersion);
}
