import { useSignal } from '@preact/signals';
import type { Secret } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { secretValues } from '../state/secret-values.ts';
import type { Session } from './session.ts';

/** A Secret with its values, when somebody has asked for them; kept nowhere but here. */
export interface Revealed {
  readonly secret: Readonly<KubeObject> | undefined;
  readonly problem: string | undefined;
  show(): void;
  hide(): void;
}

/** Nothing is asked for before `show` is called. Once the Secret has changed, what was read is shown no more. */
export function useRevealed({ cluster }: Session, { metadata }: Readonly<KubeObject>): Revealed {
  const read = useSignal<Readonly<KubeObject> | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const isPresent = read.value?.metadata.resourceVersion === metadata.resourceVersion;
  return {
    secret: isPresent ? read.value : undefined,
    problem: problem.value,
    show: () =>
      void cluster.reveal(metadata).then(
        (secret) => (read.value = secret),
        (error: unknown) => (problem.value = error instanceof Error ? error.message : String(error)),
      ),
    hide() {
      read.value = undefined;
      problem.value = undefined;
    },
  };
}

/** The button that asks for the values, and hides them again. */
export function Reveal({ revealed: { secret, problem, show, hide } }: { revealed: Revealed }) {
  const isShown = secret !== undefined;
  return (
    <>
      <button type="button" class="small" onClick={isShown ? hide : show}>
        {isShown ? 'Hide the values' : 'Show the values'}
      </button>
      {problem !== undefined && <span class="muted">{problem}</span>}
    </>
  );
}

/** The values of a Secret, each in plain text. */
export function SecretValues({ session, object }: { session: Session; object: Readonly<KubeObject> }) {
  const revealed = useRevealed(session, object);
  const secret = revealed.secret as Readonly<Secret> | undefined;
  return (
    <section>
      <h3>Values</h3>
      <Reveal revealed={revealed} />
      {secret !== undefined && (
        <ul class="lines">
          {secretValues(secret.data).map(({ name, text, length }) => (
            <li key={name}>
              <strong>{name}</strong>
              {text === undefined ? <span class="muted">{length} bytes</span> : <pre class="mono">{text}</pre>}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
