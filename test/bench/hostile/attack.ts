import type { Target } from './target.ts';

export interface Attack {
  readonly name: string;
  /** Before the clock runs. */
  prepare?(target: Target): Promise<void>;
  /** Goes on until the target says that it is over. */
  attack(target: Target): Promise<void>;
}
