import { ConfigMaps } from '../../api/core/v1/types.ts';
import type { Transport } from '../../apimachinery/request.ts';
import { isStatus } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';

const namespace = 'kube-system';
const name = 'kube-apiserver-legacy-service-account-token-tracking';

/**
 * Keeps the config map that says since which day the uses of tokens in Secrets have been noted: who takes away unused
 * ones goes by it.
 */
export async function keepLegacyTokenTracking({ clock, lookup }: ServerContext, transport: Transport): Promise<void> {
  const there = lookup(ConfigMaps, { namespace, name });
  if (isDay(there?.data?.['since'])) return;
  const data = { ...there?.data, since: new Date(clock.now()).toISOString().slice(0, 10) };
  const request = { type: ConfigMaps, namespace } as const;
  try {
    if (there === undefined)
      await transport.call({ ...request, verb: 'create', body: { metadata: { namespace, name }, data } });
    else await transport.call({ ...request, verb: 'update', name, body: { ...there, data } });
  } catch (error) {
    // Somebody else was quicker; the next look will show what he wrote.
    if (!isStatus(error, 'AlreadyExists', 'Conflict', 'NotFound')) throw error;
  }
}

function isDay(text: string | undefined): boolean {
  return text !== undefined && /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}
