import { systemClock } from '../../base/system-clock.ts';
import { MemoryStore } from '../../store/memory/memory-store.ts';
import type { Revision, Store, StoreEvent } from '../../store/store.ts';

/** A store in memory whose watches can be broken, as those of a store behind a network are. */
export function breakableStore(): { readonly store: Store; breakWatches(): void } {
  const store = new MemoryStore({ clock: systemClock });
  let breaking = new AbortController();
  async function* watch(from: string, { after, signal }: { after: Revision; signal: AbortSignal }) {
    const { signal: broken } = breaking;
    const either = AbortSignal.any([signal, broken]);
    for await (const event of store.watch(from, { after, signal: either })) yield event satisfies StoreEvent;
    if (broken.aborted) throw new Error('the stream broke');
  }
  const breakable = new Proxy(store as Store, {
    get(target, name) {
      if (name === 'watch') return watch;
      const member = Reflect.get(target, name, target) as unknown;
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
  return {
    store: breakable,
    breakWatches() {
      breaking.abort();
      breaking = new AbortController();
    },
  };
}
