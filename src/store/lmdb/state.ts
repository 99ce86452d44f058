import type { Expiry } from '../expiry.ts';
import type { History, Version } from '../history.ts';
import type { TxnResult } from '../store.ts';
import type { WatchHub } from '../watch-hub.ts';
import type { RecentValues } from './recent-values.ts';

/** What is on disk, as readers and watchers see it. */
export class CommittedState {
  readonly history: History;
  readonly #hub: WatchHub;
  readonly #expiry: Expiry;
  readonly #recent: RecentValues;

  constructor(history: History, hub: WatchHub, expiry: Expiry, recent: RecentValues) {
    this.history = history;
    this.#hub = hub;
    this.#expiry = expiry;
    this.#recent = recent;
  }

  /** These are on disk now: one or more writes in their order. */
  publish(versions: readonly Version[]): void {
    if (versions.length === 0) return;
    for (const version of versions) {
      this.history.append(version);
      this.#expiry.set(version.key, version.modified, version.ends);
    }
    const changes = versions.map((version) => this.history.change(version));
    this.#hub.publish(changes, this.history.revision);
    for (const version of versions) this.#recent.add(version);
  }

  /** What a write gets to know that lost against what is on disk. */
  refusal(key: string): TxnResult {
    const current = this.history.current(key);
    return { committed: false, revision: this.history.revision, current: current && this.history.entry(current) };
  }
}
