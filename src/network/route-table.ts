import { run } from '../base/node/command.ts';
import type { PodRoute, RoutePlan } from './pod-routes.ts';

/** The pod routes that a machine has; others it may have are neither seen nor touched. */
export interface RouteTable {
  list(): Promise<PodRoute[]>;
  /** Rejects when the machine refuses one; others may have been changed then. */
  change(plan: RoutePlan): Promise<void>;
}

/** Marks our routes in the kernel's table: a number that no routing program uses. */
const protocol = '107';

/** The routes of the network namespace in which this process runs. */
export const machineRoutes: RouteTable = {
  async list() {
    const shown = await run('ip', ['-json', '-4', 'route', 'show', 'proto', protocol]);
    const routes: { dst: string; gateway?: string }[] = shown.trim() === '' ? [] : JSON.parse(shown);
    return routes.map(({ dst, gateway = '' }) => ({ destination: dst, gateway }));
  },

  async change({ set, remove }) {
    const lines = [
      ...remove.map(({ destination }) => `route delete ${destination} proto ${protocol}`),
      ...set.map(({ destination, gateway }) => `route replace ${destination} via ${gateway} proto ${protocol}`),
    ];
    await run('ip', ['-batch', '-'], { input: lines.map((line) => `${line}\n`).join('') });
  },
};
