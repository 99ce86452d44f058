import type { KubeObject } from '../../apimachinery/object.ts';
import type { Revision } from '../../store/store.ts';
import type { CachedObject, KindForm } from './cached-object.ts';

export type EventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** One committed change of one object, shared by all watchers of its kind. What several of them need is made once. */
export class ObjectChange {
  readonly revision: Revision;
  /** For a delete: the last state, under the delete's own revision. */
  readonly now: CachedObject;
  readonly before: CachedObject | undefined;
  readonly deleted: boolean;
  readonly #lines = new Map<string, Buffer>();
  #left: CachedObject | undefined;

  constructor(now: CachedObject, before: CachedObject | undefined, deleted: boolean) {
    this.revision = now.revision;
    this.now = now;
    this.before = before;
    this.deleted = deleted;
  }

  /** What a watcher sees who wants all objects of the kind. */
  get type(): EventType {
    return this.deleted ? 'DELETED' : this.before === undefined ? 'ADDED' : 'MODIFIED';
  }

  /**
   * What a watcher sees who wants only the objects that `matches` accepts: an object that stops matching is deleted for it,
   * one that starts to is added.
   */
  typeFor(matches: ((object: Readonly<KubeObject>) => boolean) | undefined, form: KindForm): EventType | undefined {
    if (matches === undefined) return this.type;
    const isIn = !this.deleted && matches(this.now.object(form));
    const wasIn = this.before !== undefined && matches(this.before.object(form));
    if (isIn) return wasIn ? 'MODIFIED' : 'ADDED';
    return wasIn ? 'DELETED' : undefined;
  }

  /**
   * The object of such an event. Who is told that an object left his selection gets it as he last saw it, under the
   * revision of the change: he may find its owner by labels that it has no more.
   */
  objectFor(type: EventType): CachedObject {
    if (type !== 'DELETED' || this.deleted || this.before === undefined) return this.now;
    this.#left ??= this.before.under(this.revision);
    return this.#left;
  }

  /** The line of a JSON watch stream, newline included; the same bytes for all watchers. */
  line(type: EventType, form: KindForm): Buffer {
    const key = `${type} ${form.apiVersion}`;
    let line = this.#lines.get(key);
    if (line === undefined) {
      const head = `{"type":"${type}","object":{"kind":"${form.kind}","apiVersion":"${form.apiVersion}",`;
      const shown = this.objectFor(type);
      const object = form.convert === undefined ? shown.item.subarray(1) : convertedTail(shown, form);
      line = Buffer.concat([Buffer.from(head), object, Buffer.from('}\n')]);
      this.#lines.set(key, line);
    }
    return line;
  }
}

/** The members of a converted object after kind and apiVersion, closing brace included. */
function convertedTail(entry: CachedObject, form: KindForm): Buffer {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = entry.object(form);
  return Buffer.from(JSON.stringify(rest).slice(1));
}
