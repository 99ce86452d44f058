import { ServiceAccounts, type Pod, type ServiceAccount, type Volume } from '../../api/core/v1/types.ts';
import { pathSegment } from '../../apimachinery/names.ts';
import { randomName, type Random } from '../../base/random.ts';
import { podReferences } from '../../api/core/pod-references.ts';
import type { ServerContext } from '../context.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const volumePrefix = 'kube-api-access-';
const mirrorAnnotation = 'kubernetes.io/config.mirror';
/** An hour and seven seconds: odd, so that tokens which nobody asked for can be told from others. */
const tokenSeconds = 3607;

/** Every pod runs as a service account; the account's token and pull secrets come with it. */
export const serviceAccount: AdmissionPlugin = {
  name: 'ServiceAccount',
  mutate(request, context) {
    if (!isFor(request, '/pods') || request.operation !== 'CREATE') return;
    const pod = request.object as Pod;
    if (pod.metadata.annotations?.[mirrorAnnotation] !== undefined) return refuseMirrorWithRights(request, pod);
    pod.spec.serviceAccountName ||= 'default';
    pod.spec.serviceAccount = pod.spec.serviceAccountName;
    const account = accountOf(request, pod, context);
    if (wantsToken(pod, account)) mountToken(pod, context.random);
    if (!pod.spec.imagePullSecrets?.length && account.imagePullSecrets?.length)
      pod.spec.imagePullSecrets = account.imagePullSecrets.map(({ name }) => ({ name }));
  },
};

function accountOf(request: AdmissionRequest, { spec }: Pod, context: ServerContext): Readonly<ServiceAccount> {
  const namespace = request.namespace!;
  const name = spec.serviceAccountName!;
  const account = context.lookup(ServiceAccounts, { namespace, name });
  if (account !== undefined) return account;
  const complaint = pathSegment(name)[0];
  const why =
    complaint === undefined
      ? `serviceaccount ${JSON.stringify(name)} not found`
      : `invalid resource name ${JSON.stringify(name)}: [${complaint}]`;
  throw notAdmitted(request, `error looking up service account ${namespace}/${name}: ${why}`);
}

function wantsToken({ spec }: Pod, account: Readonly<ServiceAccount>): boolean {
  return spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
}

/** Mounts the token, the cluster's certificate and the namespace into each container that has nothing at the usual path. */
function mountToken({ spec }: Pod, random: Random): void {
  const there = spec.volumes?.find(({ name }) => name.startsWith(volumePrefix))?.name;
  const name = there ?? volumePrefix + randomName(random, 5);
  let used = false;
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) {
    if (container.volumeMounts?.some((mount) => mount.mountPath === mountPath)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath }];
    used = true;
  }
  if (used && there === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

function tokenVolume(name: string): Volume {
  const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.namespace' };
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: tokenSeconds, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef }] } },
      ],
    },
  };
}

/** A mirror pod only shows what an agent runs from its own files: it must not bring rights to the agent. */
function refuseMirrorWithRights(request: AdmissionRequest, pod: Pod): void {
  const { serviceAccountName, volumes = [] } = pod.spec;
  if (serviceAccountName) throw notAdmitted(request, 'a mirror pod may not reference service accounts');
  if ([...podReferences(pod)].some((reference) => reference.startsWith('secret ')))
    throw notAdmitted(request, 'a mirror pod may not reference secrets');
  if (volumes.some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken !== undefined)))
    throw notAdmitted(request, 'a mirror pod may not use ServiceAccountToken volume projections');
}
