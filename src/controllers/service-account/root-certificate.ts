import { ConfigMaps, Namespaces, type Namespace } from '../../api/core/v1/types.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';
import { createUnlessGone, isGoing } from './namespace-content.ts';

const name = 'kube-root-ca.crt';
const descriptionAnnotation = 'kubernetes.io/description';
const description =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Keeps a config map with the API server's authority in every namespace; it is mounted into pods beside their token. */
export function rootCertificateController(certificate: string): Controller<Namespace> {
  return {
    name: 'root-ca-cert-publisher',
    for: Namespaces,
    watches: [
      {
        type: ConfigMaps,
        wakes: ({ metadata }) => (metadata.name === name ? [{ name: metadata.namespace }] : []),
      },
    ],

    async reconcile({ name: namespace }, cluster) {
      if (isGoing(cluster.get(Namespaces, { name: namespace }))) return settled;
      const present = cluster.get(ConfigMaps, { namespace, name });
      const data = { 'ca.crt': certificate };
      const annotations = { ...present?.metadata.annotations, [descriptionAnnotation]: description };
      if (present === undefined) {
        await createUnlessGone(cluster, ConfigMaps, { metadata: { namespace, name, annotations }, data });
      } else if (
        Object.keys(present.data ?? {}).length !== 1 ||
        present.data?.['ca.crt'] !== certificate ||
        present.metadata.annotations?.[descriptionAnnotation] !== description
      ) {
        await cluster.update(ConfigMaps, { ...present, metadata: { ...present.metadata, annotations }, data });
      }
      return settled;
    },
  };
}
