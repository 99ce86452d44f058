import type { ComponentChildren } from 'preact';
import { humanDuration } from '../../apimachinery/duration.ts';
import type { Share } from '../state/node-usage.ts';
import type { Tone } from '../state/tone.ts';
import type { Session } from './session.ts';

/** A state in a word. Its tone shows in colour and in shape. */
export function Pill({ tone, children }: { tone: Tone; children: ComponentChildren }) {
  return <span class={`pill ${tone}`}>{children}</span>;
}

/** How long ago, as kubectl says it; goes on by itself. */
export function Age({ session, since }: { session: Session; since: string | undefined }) {
  if (since === undefined || since === '') return <>&lt;unknown&gt;</>;
  return (
    <time dateTime={since} title={new Date(since).toLocaleString()}>
      {humanDuration(session.now.value - Date.parse(since))}
    </time>
  );
}

/** A bar with its figures: `1.5 of 4 cores`. */
export function Meter({ label, share, text }: { label: string; share: Share; text(amount: number): string }) {
  const percent = share.of > 0 ? Math.min(100, (share.used / share.of) * 100) : 0;
  const level = percent >= 90 ? 'bad' : percent >= 75 ? 'busy' : 'good';
  const words = `${text(share.used)} of ${text(share.of)}`;
  return (
    <span class="meter">
      <span>
        {text(share.used)} <span class="muted">of {text(share.of)}</span>
      </span>
      <span
        class="track"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(percent)}
        aria-valuetext={words}
      >
        <span class={`fill ${level}`} style={{ width: `${percent}%` }} />
      </span>
    </span>
  );
}

/** Names and values in pairs. */
export function Facts({ facts }: { facts: readonly (readonly [name: string, value: ComponentChildren])[] }) {
  const known = facts.filter(([, value]) => value !== undefined && value !== '' && value !== '<none>');
  return (
    <dl class="facts">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
