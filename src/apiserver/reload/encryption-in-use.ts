import type { EncryptionConfiguration } from '../encryption/configuration.ts';
import type { KmsProvider } from '../encryption/kms/kms-provider.ts';
import { withOwnKey } from '../encryption/own-key.ts';
import { ResourceTransformers, type TransformerParts } from '../encryption/resource-transformers.ts';
import { TransformationTallies } from '../encryption/tallies.ts';
import type { Transformer } from '../encryption/transformer.ts';
import { Current } from './current.ts';

/** How the store encrypts now: as a configuration says, which may be another at any time. */
export class EncryptionInUse implements AsyncDisposable {
  readonly tallies: TransformationTallies;
  readonly #current: Current<ResourceTransformers>;
  readonly #open: (told: EncryptionConfiguration | undefined) => Promise<ResourceTransformers> | undefined;

  private constructor(first: ResourceTransformers, opening: Opening, parts: TransformerParts) {
    this.tallies = opening.tallies;
    this.#open = opening.open;
    this.#current = new Current(first, parts.clock);
  }

  /** `undefined`: nothing is encrypted. `ownKey`: of the cluster itself, for Secrets. Asks KMS plugins once; throws where it is no configuration. */
  static async open(
    told: EncryptionConfiguration | undefined,
    ownKey: string | undefined,
    parts: TransformerParts,
  ): Promise<EncryptionInUse | undefined> {
    const tallies = new TransformationTallies();
    const open = (next: EncryptionConfiguration | undefined): Promise<ResourceTransformers> | undefined => {
      const wanted = ownKey === undefined ? next : withOwnKey(next, ownKey);
      return wanted && ResourceTransformers.open(wanted, { ...parts, tallies });
    };
    const first = await open(told);
    return first && new EncryptionInUse(first, { tallies, open }, parts);
  }

  of(groupResource: string): Transformer | undefined {
    return this.#current.value.of(groupResource);
  }

  kms(): readonly KmsProvider[] {
    return this.#current.value.kms;
  }

  /** Works with another configuration. Throws, and goes on as before, where that is none or its plugins are not well. */
  async use(told: EncryptionConfiguration | undefined): Promise<void> {
    const next = await this.#open(told);
    if (next === undefined) throw new Error('encryption cannot end while the server runs');
    const problem = next.kms.find((one) => one.problem !== undefined)?.problem;
    if (problem !== undefined) {
      await next[Symbol.asyncDispose]();
      throw new Error(`health check for new transformers failed: ${problem}`);
    }
    this.#current.replace(next);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#current[Symbol.asyncDispose]();
  }
}

interface Opening {
  readonly tallies: TransformationTallies;
  readonly open: (told: EncryptionConfiguration | undefined) => Promise<ResourceTransformers> | undefined;
}
