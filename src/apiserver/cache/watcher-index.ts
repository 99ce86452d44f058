import type { ObjectChange } from './change.ts';
import type { Trigger } from './selection.ts';
import type { WatcherGroup } from './watcher-group.ts';

interface TriggerIndex {
  readonly read: Trigger['read'];
  readonly byValue: Map<string, Set<WatcherGroup>>;
}

/** Finds the groups of watchers that a change may concern, by key, field or namespace, without asking all others. */
export class WatcherIndex {
  readonly #everywhere = new Set<WatcherGroup>();
  readonly #byKey = new Map<string, Set<WatcherGroup>>();
  readonly #byNamespace = new Map<string, Set<WatcherGroup>>();
  /** By version and field. */
  readonly #byTrigger = new Map<string, TriggerIndex>();

  add(group: WatcherGroup): void {
    const { only, trigger, namespace } = group.selection;
    if (only !== undefined) put(this.#byKey, only, group);
    else if (trigger !== undefined) put(this.#triggered(trigger).byValue, trigger.value, group);
    else if (namespace !== undefined) put(this.#byNamespace, namespace, group);
    else this.#everywhere.add(group);
  }

  delete(group: WatcherGroup): void {
    const { only, trigger, namespace } = group.selection;
    if (only !== undefined) take(this.#byKey, only, group);
    else if (trigger !== undefined) {
      const { byValue } = this.#triggered(trigger);
      take(byValue, trigger.value, group);
      if (byValue.size === 0) this.#byTrigger.delete(trigger.field);
    } else if (namespace !== undefined) take(this.#byNamespace, namespace, group);
    else this.#everywhere.delete(group);
  }

  /** Calls `visit` with each group once. */
  visit({ now, before, deleted }: ObjectChange, visit: (group: WatcherGroup) => void): void {
    this.#everywhere.forEach(visit);
    if (this.#byKey.size > 0) this.#byKey.get(now.key)?.forEach(visit);
    if (this.#byNamespace.size > 0) this.#byNamespace.get(now.namespace ?? '')?.forEach(visit);
    for (const { read, byValue } of this.#byTrigger.values()) {
      let was;
      let is;
      try {
        was = before === undefined ? undefined : read(before);
        is = deleted ? was : read(now);
      } catch {
        // The groups' own tests fail as well, and end them.
        for (const groups of byValue.values()) groups.forEach(visit);
        continue;
      }
      if (was !== undefined) byValue.get(was)?.forEach(visit);
      if (is !== undefined && is !== was) byValue.get(is)?.forEach(visit);
    }
  }

  #triggered({ field, read }: Trigger): TriggerIndex {
    let index = this.#byTrigger.get(field);
    if (index === undefined) this.#byTrigger.set(field, (index = { read, byValue: new Map() }));
    return index;
  }
}

function put<K>(map: Map<K, Set<WatcherGroup>>, key: K, group: WatcherGroup): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([group]));
  else known.add(group);
}

function take<K>(map: Map<K, Set<WatcherGroup>>, key: K, group: WatcherGroup): void {
  const known = map.get(key);
  if (known?.delete(group) === true && known.size === 0) map.delete(key);
}
