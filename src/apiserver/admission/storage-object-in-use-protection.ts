import type { AdmissionPlugin } from './admission.ts';
import { isFor } from './refusal.ts';

/** What has to be out of use before it goes, and the finalizer that a controller takes away then. */
const finalizers: Readonly<Record<string, string>> = {
  '/persistentvolumes': 'kubernetes.io/pv-protection',
  '/persistentvolumeclaims': 'kubernetes.io/pvc-protection',
  'storage.k8s.io/volumeattributesclasses': 'kubernetes.io/vac-protection',
};

/** Keeps claims, volumes and classes of attributes for as long as they are used, from their first moment on. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  mutate(request) {
    if (request.operation !== 'CREATE') return;
    const kind = Object.keys(finalizers).find((one) => isFor(request, one));
    if (kind === undefined) return;
    const list = (request.object!.metadata.finalizers ??= []);
    if (!list.includes(finalizers[kind]!)) list.push(finalizers[kind]!);
  },
};
