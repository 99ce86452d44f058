import { parentPort } from 'node:worker_threads';
import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { parseJson } from '../../apimachinery/decode/parse-json.ts';
import { parseYaml } from '../../apimachinery/yaml.ts';
import { writtenItem, writtenText, type TextForm } from './written-text.ts';

/** What `LargeTexts` (large-texts.ts) sends to this thread, and is sent back for it. */
export type TextJob = { readonly id: number } & (
  | { readonly kind: 'read'; readonly bytes: Uint8Array }
  | { readonly kind: 'write'; readonly json: Uint8Array; readonly form: TextForm; readonly isItem: boolean }
);
export type ReadText = {
  readonly kind: 'read';
  readonly json: Uint8Array;
  readonly repeated: readonly string[];
  /** Why it is no YAML. */
  readonly refusal?: string;
};
export type TextResult = { readonly id: number } & (
  | ReadText
  | { readonly kind: 'written'; readonly bytes: Uint8Array }
  | { readonly kind: 'failure'; readonly failure: string }
);

function done(job: TextJob): TextResult {
  const { id } = job;
  try {
    if (job.kind === 'write') {
      const value = parseJson(new TextDecoder().decode(job.json));
      const text = job.isItem ? writtenItem(value, job.form) : writtenText(value, job.form);
      return { id, kind: 'written', bytes: new TextEncoder().encode(text) };
    }
    const { value, repeated } = parseYaml(new TextDecoder().decode(job.bytes));
    return { id, kind: 'read', json: new TextEncoder().encode(JSON.stringify(value ?? null)), repeated };
  } catch (error) {
    if (error instanceof DecodeError)
      return { id, kind: 'read', json: new Uint8Array(), repeated: [], refusal: error.message };
    return { id, kind: 'failure', failure: String(error) };
  }
}

parentPort?.on('message', (job: TextJob) => parentPort!.postMessage(done(job)));
