import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterRoleBindings } from '../../src/api/rbac/v1/types.ts';
import { issueCertificate } from '../../src/apiserver/auth/certificates.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { systemRandom } from '../../src/base/system-random.ts';
import type { Client } from '../../src/client/client.ts';
import type { ServerProcess } from '../kit/server-process.ts';
import type { Identity } from './sender.ts';

/** A certificate that the server takes, for a user who has no rights yet. */
export async function readerIdentity({ folder }: Pick<ServerProcess, 'folder'>): Promise<Identity> {
  const read = (name: string): Promise<string> => readFile(join(folder, 'pki', name), 'utf8');
  const authority = { certificate: await read('ca.crt'), key: await read('ca.key') };
  const wanted = { commonName: 'reader', usage: 'client', days: 1 } as const;
  const { certificate, key } = await issueCertificate(authority, wanted, { clock: systemClock, random: systemRandom });
  return { cert: certificate, key };
}

/** Lets the user `reader` view, and nothing else. */
export async function letReaderView(client: Client): Promise<void> {
  await client.create(ClusterRoleBindings, {
    metadata: { name: 'fuzz-reader' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'reader' }],
  });
}
