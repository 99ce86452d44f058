import { signal, type ReadonlySignal } from '@preact/signals';
import { longestRetryMs, type LiveOptions } from './live.ts';
import { kindsIn, type DiscoveryDocument, type ServedKind } from './kinds.ts';
import type { ProxyTransport } from './proxy-transport.ts';

/** What the server is and has. */
export interface Discovery {
  /** `v1.36.0`; empty before the server has said so. */
  readonly version: ReadonlySignal<string>;
  /** Empty before the server has said so. */
  readonly kinds: ReadonlySignal<readonly ServedKind[]>;
}

/** Custom kinds come and go: so often the server is asked again. */
const againMs = 15_000;

/** Asks what the server is and has, again and again until the signal aborts. `changed` hears of each new list of kinds. */
export function discover(
  transport: Pick<ProxyTransport, 'read'>,
  { clock, signal: stop }: LiveOptions,
  changed: (kinds: readonly ServedKind[]) => void,
): Discovery {
  const version = signal('');
  const kinds = signal<readonly ServedKind[]>([]);
  const read = async (): Promise<void> => {
    const answers = await Promise.all(['/version', '/api', '/apis'].map((path) => transport.read(path)));
    const [about, ...documents] = answers as [{ gitVersion?: string }, DiscoveryDocument, DiscoveryDocument];
    version.value = about.gitVersion ?? 'of unknown version';
    const found = kindsIn(...documents);
    if (JSON.stringify(found) === JSON.stringify(kinds.peek())) return;
    kinds.value = found;
    changed(found);
  };
  void (async () => {
    while (!stop.aborted) {
      const isRead = await read().then(
        () => true,
        () => false,
      );
      await clock.sleep(isRead ? againMs : longestRetryMs, stop).catch(() => undefined);
    }
  })();
  return { version, kinds };
}
