import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { objectYaml } from '../state/object-text.ts';
import type { Shown } from './details.tsx';
import { Reveal, useRevealed } from './secret-values.tsx';

/** The object as a text, as it is now. */
export function YamlPart({ session, kind, object }: Shown) {
  const managedFields = useSignal(false);
  const revealed = useRevealed(session, object);
  const isSecret = kind.id === 'secrets';
  const shown = revealed.secret ?? object;
  const text = useMemo(() => objectYaml(shown, { managedFields: managedFields.value }), [shown, managedFields.value]);
  return (
    <section class="text">
      <div class="controls">
        {isSecret && <Reveal revealed={revealed} />}
        {(!isSecret || revealed.secret !== undefined) && (
          <label>
            <input
              type="checkbox"
              checked={managedFields.value}
              onChange={({ currentTarget }) => (managedFields.value = currentTarget.checked)}
            />{' '}
            Managed fields
          </label>
        )}
        <button type="button" class="small end" onClick={() => void navigator.clipboard.writeText(text)}>
          Copy
        </button>
      </div>
      {/* The whole text can be scrolled to with the keyboard. */}
      <pre class="mono" tabIndex={0} aria-label="YAML">
        {text}
      </pre>
    </section>
  );
}
