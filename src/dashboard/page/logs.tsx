import { useSignal, type Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Pod } from '../../api/core/v1/types.ts';
import { containersOf } from '../state/containers.ts';
import { readLog, type LiveLog } from '../state/live-log.ts';
import type { Shown } from './details.tsx';
import { useLive } from './use-live.ts';

/** What the containers of a pod have written, and write. */
export function LogsPart({ session, object }: Shown) {
  const pod = object as Readonly<Pod>;
  const containers = containersOf(pod);
  const chosen = useSignal(firstContainer(pod));
  const follow = useSignal(true);
  const previous = useSignal(false);
  const timestamps = useSignal(false);
  // A container that has been started again writes a new log.
  const restarts = containers.find(({ name }) => name === chosen.value)?.restarts ?? 0;
  const choice = {
    container: chosen.value,
    follow: follow.value,
    previous: previous.value,
    timestamps: timestamps.value,
  };
  const log = useLive(JSON.stringify([choice, restarts, pod.metadata.uid]), (signal) =>
    readLog(session.cluster.logs(pod.metadata, choice, signal), session),
  );
  return (
    <section class="text">
      <div class="controls">
        <label>
          Container{' '}
          <select value={chosen.value} onChange={({ currentTarget }) => (chosen.value = currentTarget.value)}>
            {containers.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Choice chosen={follow} text="Follow" />
        <Choice chosen={previous} text="Previous" />
        <Choice chosen={timestamps} text="Times" />
      </div>
      <LogText log={log} follow={follow.value} />
    </section>
  );
}

function Choice({ chosen, text }: { chosen: Signal<boolean>; text: string }) {
  return (
    <label>
      <input
        type="checkbox"
        checked={chosen.value}
        onChange={({ currentTarget }) => (chosen.value = currentTarget.checked)}
      />{' '}
      {text}
    </label>
  );
}

/** What kubectl shows when it is not told which: the one that an annotation names, or the first that is no init container. */
function firstContainer({ metadata, spec }: Readonly<Pod>): string {
  const named = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  const names = spec.containers.map(({ name }) => name);
  return named !== undefined && names.includes(named) ? named : (names[0] ?? '');
}

function LogText({ log: { text, dropped, end }, follow }: { log: LiveLog; follow: boolean }) {
  const box = useRef<HTMLPreElement>(null);
  const isAtEnd = useRef(true);
  const shown = text.value;
  useLayoutEffect(() => {
    // Who has scrolled up reads there.
    if (follow && isAtEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [shown, follow]);
  const scrolled = ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }: { currentTarget: HTMLPreElement }) =>
    (isAtEnd.current = scrollTop + clientHeight >= scrollHeight - 40);
  return (
    <>
      {dropped.value > 0 && <p class="muted">{dropped.value} lines before these are not kept.</p>}
      <pre ref={box} class="mono log" role="log" aria-live="off" aria-label="Log" tabIndex={0} onScroll={scrolled}>
        {shown}
      </pre>
      <p class="muted" role="note">
        {end.value ?? (follow ? 'New lines appear as they are written.' : '')}
      </p>
    </>
  );
}
