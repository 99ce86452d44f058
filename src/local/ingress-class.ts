import { IngressClasses } from '../api/networking/v1/types.ts';
import { isStatus } from '../apimachinery/status.ts';
import type { HttpTransport } from '../client/node/http-transport.ts';

/**
 * What nodes serve. It is not the default, since nodes serve Ingresses without a class as well: these stay as they were
 * written, and somebody else's class may become the default.
 */
const nginx = {
  metadata: { name: 'nginx' },
  spec: { controller: 'k8s.io/ingress-nginx' },
};

/** Makes the IngressClass of a new cluster, as its administrator. One that is there is left as it is. */
export async function createIngressClass(api: HttpTransport): Promise<void> {
  try {
    await api.call({ verb: 'create', type: IngressClasses, body: nginx });
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) throw error;
  }
}
