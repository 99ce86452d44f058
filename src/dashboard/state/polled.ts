import type { Transport } from '../../apimachinery/request.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Clock } from '../../base/clock.ts';

/**
 * For kinds that cannot be watched, such as what somebody measures: a watch waits, and then says that it knows nothing
 * more. So whoever follows the kind lists it again.
 */
export function polled(transport: Transport, clock: Clock, everyMs: number): Transport {
  return {
    call: (request) => transport.call(request),
    // oxlint-disable-next-line require-yield
    async *watch(_request, signal) {
      await clock.sleep(everyMs, signal);
      throw refused.expired('this kind cannot be watched');
    },
  };
}
