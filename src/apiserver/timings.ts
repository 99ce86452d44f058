/** How long something took, by bounds in seconds; not cumulative, the last is for what took longer than all of them. */
export class Timings {
  readonly bounds: readonly number[];
  readonly took: Float64Array;
  seconds = 0;
  count = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.took = new Float64Array(bounds.length + 1);
  }

  add(seconds: number): void {
    let at = 0;
    while (at < this.bounds.length && seconds > this.bounds[at]!) at++;
    this.took[at]!++;
    this.seconds += seconds;
    this.count++;
  }
}
