import type { SimulatedRuntime } from '../runtime/simulated/simulated-runtime.ts';
import type { Prober } from './prober.ts';

/** Answers as the container's behaviour says: status 200 or 500, a connection or none, a service that serves or not. */
export function simulatedProber(runtime: Pick<SimulatedRuntime, 'isHealthy'>): Prober {
  return {
    async http({ containerId }) {
      const success = runtime.isHealthy(containerId);
      return { success, output: success ? '' : 'HTTP probe failed with statuscode: 500' };
    },
    async tcp({ containerId, host, port }) {
      const success = runtime.isHealthy(containerId);
      return { success, output: success ? '' : `dial tcp ${host}:${port}: connect: connection refused` };
    },
    async grpc({ containerId }) {
      const success = runtime.isHealthy(containerId);
      return { success, output: success ? '' : 'service unhealthy (responded with "NOT_SERVING")' };
    },
  };
}
