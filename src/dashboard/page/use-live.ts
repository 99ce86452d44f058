import { useEffect, useMemo } from 'preact/hooks';

/** What `start` begins, until the component is gone or `key` is another one; then the signal aborts. */
export function useLive<T>(key: string, start: (signal: AbortSignal) => T): T {
  const [live, stop] = useMemo(() => {
    const stop = new AbortController();
    return [start(stop.signal), stop] as const;
  }, [key]);
  useEffect(() => () => stop.abort(), [stop]);
  return live;
}
