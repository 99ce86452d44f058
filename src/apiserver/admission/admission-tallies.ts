import type { Clock } from '../../base/clock.ts';
import type { ServerContext } from '../context.ts';
import { Timings } from '../timings.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import type { AdmissionPhases } from './phases.ts';

type Operation = AdmissionRequest['operation'];
type Step = 'admit' | 'validate';

/** Upper bounds in seconds, those of Kubernetes. */
const bounds: readonly number[] = [0.005, 0.025, 0.1, 0.5, 1, 2.5];

/** What one step came to of one operation; `name`: of the plugin, where it is not all of them together. */
export interface AdmissionTally {
  readonly name: string | undefined;
  readonly type: Step;
  readonly operation: Operation;
  readonly rejected: boolean;
  readonly timings: Timings;
}

/** One plugin's step, or that of all together. */
class StepTallies {
  readonly #name: string | undefined;
  readonly #type: Step;
  readonly passed = new Map<Operation, AdmissionTally>();
  readonly rejected = new Map<Operation, AdmissionTally>();

  constructor(type: Step, name?: string) {
    this.#name = name;
    this.#type = type;
  }

  /** `ms`: what it took. */
  add(operation: Operation, rejected: boolean, ms: number): void {
    const tallies = rejected ? this.rejected : this.passed;
    let tally = tallies.get(operation);
    if (tally === undefined) {
      tally = { name: this.#name, type: this.#type, operation, rejected, timings: new Timings(bounds) };
      tallies.set(operation, tally);
    }
    tally.timings.add(ms / 1000);
  }
}

/** How long admission took, by plugin and all together: plain numbers until somebody asks for metrics. */
export class AdmissionTallies {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #steps = { admit: new StepTallies('admit'), validate: new StepTallies('validate') };
  readonly #plugins: StepTallies[] = [];

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  get all(): readonly AdmissionTally[] {
    return [...Object.values(this.#steps), ...this.#plugins].flatMap(({ passed, rejected }) => [
      ...passed.values(),
      ...rejected.values(),
    ]);
  }

  /** The same plugin, which is measured. What it does after mutation is one step to Kubernetes. */
  timed(plugin: AdmissionPlugin): AdmissionPlugin {
    const { name, mutate, guard, validate, reserve } = plugin;
    const tallies = { admit: new StepTallies('admit', name), validate: new StepTallies('validate', name) };
    this.#plugins.push(tallies.admit, tallies.validate);
    const timed =
      <T>(
        step: StepTallies,
        phase: (request: AdmissionRequest, context: ServerContext) => T | Promise<T>,
      ): ((request: AdmissionRequest, context: ServerContext) => T | Promise<T>) =>
      (request, context) => {
        const began = this.#clock.monotonic();
        try {
          return this.#ended(step, request.operation, began, phase.call(plugin, request, context));
        } catch (error) {
          this.#refused(step, request.operation, began);
          throw error;
        }
      };
    return {
      name,
      ...(mutate && { mutate: timed(tallies.admit, mutate) }),
      ...(guard && { guard: timed(tallies.validate, guard) }),
      ...(validate && { validate: timed(tallies.validate, validate) }),
      ...(reserve && { reserve: timed(tallies.validate, reserve) }),
    };
  }

  /** The same phases, of which the first and the last are measured. */
  timedPhases(phases: AdmissionPhases, operation: Operation): AdmissionPhases {
    return {
      mutate: () => this.#measured(this.#steps.admit, operation, phases.mutate),
      guard: phases.guard,
      validate: () => this.#measured(this.#steps.validate, operation, phases.validate),
    };
  }

  #measured<T>(step: StepTallies, operation: Operation, run: () => T | Promise<T>): T | Promise<T> {
    const began = this.#clock.monotonic();
    try {
      return this.#ended(step, operation, began, run());
    } catch (error) {
      this.#refused(step, operation, began);
      throw error;
    }
  }

  /** Counts what has come of a step, at once where it did not wait: nothing is allocated for most steps. */
  #ended<T>(step: StepTallies, operation: Operation, began: number, answer: T | Promise<T>): T | Promise<T> {
    if (answer instanceof Promise)
      answer.then(
        () => step.add(operation, false, this.#clock.monotonic() - began),
        () => this.#refused(step, operation, began),
      );
    else step.add(operation, false, this.#clock.monotonic() - began);
    return answer;
  }

  #refused(step: StepTallies, operation: Operation, began: number): void {
    step.add(operation, true, this.#clock.monotonic() - began);
  }
}
