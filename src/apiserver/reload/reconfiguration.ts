import { jsonEqual } from '../../apimachinery/equality.ts';
import type { ReviewServers } from '../auth/server-authorization.ts';
import type { ApiConfiguration } from '../configuration/kinds.ts';

/** What a server is told by configuration files. */
export interface Told {
  readonly configuration: ApiConfiguration;
  /** Servers that the configuration names. */
  readonly reviewServers: ReviewServers;
}

/** What of a server can be told anew while it runs, by Kubernetes' names. */
export const reloadableParts = ['authentication', 'authorization', 'encryption'] as const;
export type ReloadableName = (typeof reloadableParts)[number];

export interface ReloadablePart {
  readonly name: ReloadableName;
  /** What it is made of. */
  of(told: Told): unknown;
  /** Works with that from then on. Throws where it cannot, and goes on as before. */
  use(told: Told): Promise<void> | void;
}

/** What became of a part that was told something else; `problem`: why it goes on as before. */
export interface Reconfigured {
  readonly name: ReloadableName;
  readonly problem?: string;
}

/** Tells the parts of a server what concerns them. */
export class Reconfiguration {
  readonly #parts: readonly ReloadablePart[];
  readonly #used = new Map<ReloadablePart, unknown>();

  constructor(parts: readonly ReloadablePart[], first: Told) {
    this.#parts = parts;
    for (const part of parts) this.#used.set(part, part.of(first));
  }

  /** Those that go on with what they have say nothing. One at a time: to be called again when it is done. */
  async apply(told: Told): Promise<readonly Reconfigured[]> {
    const results: Reconfigured[] = [];
    for (const part of this.#parts) {
      const { name } = part;
      const wanted = part.of(told);
      if (jsonEqual(this.#used.get(part), wanted)) continue;
      try {
        await part.use(told);
        this.#used.set(part, wanted);
        results.push({ name });
      } catch (error) {
        results.push({ name, problem: (error as Error).message });
      }
    }
    return results;
  }
}

/** The servers of these kubeconfigs, as a value that tells whether they are others. */
export function serversAt(files: readonly (string | undefined)[], servers: ReviewServers): unknown {
  return files.map((file) => (file === undefined ? null : { ...servers.get(file) }));
}
