import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterRoleBindings } from '../../src/api/rbac/v1/types.ts';
import { issueCertificate } from '../../src/apiserver/auth/certificates.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import type { ServerProcess } from '../kit/server-process.ts';
import type { Identity } from './sender.ts';

/** Somebody who may view, and nothing else. */
export async function narrowIdentity({ folder, client }: ServerProcess): Promise<Identity> {
  const read = (name: string): Promise<string> => readFile(join(folder, 'pki', name), 'utf8');
  const authority = { certificate: await read('ca.crt'), key: await read('ca.key') };
  const wanted = { commonName: 'reader', usage: 'client', days: 1 } as const;
  const { certificate, key } = await issueCertificate(authority, wanted, { clock: systemClock, random: systemRandom });
  await client.create(ClusterRoleBindings, {
    metadata: { name: 'fuzz-reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'reader' }],
  });
  return { cert: certificate, key };
}
