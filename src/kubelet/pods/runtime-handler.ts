import type { Pod } from '../../api/core/v1/types.ts';
import { RuntimeClasses } from '../../api/node/v1/types.ts';
import { isStatus } from '../../apimachinery/status.ts';
import type { Client } from '../../client/client.ts';
import { ConfigurationError } from './environment.ts';

/**
 * The handler of the runtime that runs the pod: that of its RuntimeClass, or the usual one, which has no name. Rejects
 * with {@link ConfigurationError} where there is no such class, and where the pod wants users of its own: it must not
 * run as those of the host, and no runtime is asked for others yet.
 */
export async function runtimeHandlerOf(client: Client, { spec }: Readonly<Pod>): Promise<string> {
  const { runtimeClassName: name, hostUsers } = spec;
  const handler = name ? await handlerOfClass(client, name) : '';
  if (hostUsers !== false) return handler;
  const who = handler === '' ? 'runtime' : `RuntimeClass handler ${JSON.stringify(handler)}`;
  throw new ConfigurationError(`can't set \`spec.hostUsers: false\`, ${who} does not support user namespaces`);
}

async function handlerOfClass(client: Client, name: string): Promise<string> {
  try {
    return (await client.get(RuntimeClasses, { name })).handler;
  } catch (cause) {
    if (!isStatus(cause, 'NotFound')) throw cause;
    throw new ConfigurationError(`runtimeclass.node.k8s.io ${JSON.stringify(name)} not found`);
  }
}
