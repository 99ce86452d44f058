import { AllocationError } from './selection.ts';

/**
 * What the search for the devices of one pod may take, over all nodes, in CEL's units of cost: some hundred milliseconds. It may
 * have to try all ways, and whoever writes claims chooses how many there are.
 */
const most = 25_000_000;
/** What it takes to look at a device, or at something that it has, as against a step of an expression. */
const look = 200;

/** How much has been done for a pod. Nothing else happens in the process meanwhile, so there is an end to it. */
export class Effort {
  #left = most;

  /** Tells of looking at so many devices, or parts of them, on this node. Throws {@link AllocationError} at the end. */
  looked(nodeName: string, things: number): void {
    this.spent(nodeName, things * look);
  }

  /** Tells of expressions that were evaluated at this cost. Throws {@link AllocationError} at the end. */
  spent(nodeName: string, cost: number): void {
    this.#left -= cost;
    if (this.#left < 0) throw new AllocationError(`node ${nodeName}: timed out trying to allocate devices`);
  }
}
