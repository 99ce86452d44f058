import { IngressClasses } from '../api/networking/v1/types.ts';
import { isStatus } from '../apimachinery/status.ts';
import type { HttpTransport } from '../client/node/http-transport.ts';

/** The class of Ingresses that name none; what nodes serve. */
const nginx = {
  metadata: { name: 'nginx', annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
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
