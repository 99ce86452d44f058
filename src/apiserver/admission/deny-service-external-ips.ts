import type { Service } from '../../api/core/v1/types.ts';
import type { AdmissionPlugin } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

/** Where the server is set so, no Service gets another external address: with one it can take what is meant for others. */
export const denyServiceExternalIps: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  validate(request, { config }) {
    if (config.deniesExternalIps !== true || !isFor(request, '/services') || request.operation === 'DELETE') return;
    const had = (request.old as Service | undefined)?.spec.externalIPs ?? [];
    const wanted = (request.object as Service).spec.externalIPs ?? [];
    if (!wanted.every((address) => had.includes(address)))
      throw notAdmitted(request, 'Use of external IPs is denied by admission control');
  },
};
