import { parentPort } from 'node:worker_threads';
import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { parseYaml } from '../../apimachinery/yaml.ts';

/** What `LargeYaml` (large-yaml.ts) sends to this thread, and is sent back for it. */
export interface YamlJob {
  readonly id: number;
  readonly bytes: Uint8Array;
}
export type YamlResult = { readonly id: number } & (
  | { readonly json: string; readonly repeated: readonly string[] }
  | { readonly refusal: string }
  | { readonly failure: string }
);

function read({ id, bytes }: YamlJob): YamlResult {
  try {
    const { value, repeated } = parseYaml(new TextDecoder().decode(bytes));
    return { id, json: JSON.stringify(value ?? null), repeated };
  } catch (error) {
    return error instanceof DecodeError ? { id, refusal: error.message } : { id, failure: String(error) };
  }
}

parentPort?.on('message', (job: YamlJob) => parentPort!.postMessage(read(job)));
