import { join } from 'node:path';
import {
  createAuthority,
  isGoodUntil,
  issueCertificate,
  newSigningKey,
  type CertificateRequest,
  type KeyAndCertificate,
} from '../apiserver/auth/certificates.ts';
import { frontProxyName, type FrontProxy } from '../apiserver/aggregation/front-proxy.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { makePrivateFolder, readTextIfThere, writeFileAtomically } from '../base/node/files.ts';
import type { AgentUser } from '../local/program-config.ts';
import { subjectOf } from './certificate-subject.ts';

export interface PkiSources {
  readonly clock: Clock;
  readonly random: Random;
}

/** The certificates and keys of a control plane. All PEM. */
export interface ServerPki {
  readonly authority: KeyAndCertificate;
  readonly server: KeyAndCertificate;
  /** How the API server shows itself to kubelets. */
  readonly kubeletClient: KeyAndCertificate;
  readonly admin: KeyAndCertificate;
  /** How the API server shows itself to servers behind APIServices: by an authority of its own, which means nothing else. */
  readonly frontProxy: FrontProxy;
  /** Signs service account tokens. */
  readonly tokenKey: string;
  /** Encrypts Secrets in the store; 32 bytes in base64. Without it they are lost. */
  readonly encryptionKey: string;
}

const authorityDays = 3650;
const certificateDays = 365;
const encryptionKeyBytes = 32;
/** A stored certificate that has less time left than this is replaced when it is next looked at. */
export const renewalMs = 60 * 86_400_000;

/** Where the server is reached: what its certificate names. */
export interface ServerNames {
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
}

/**
 * Reads what the folder holds and makes what it lacks. Files are `<name>.crt` and `<name>.key`, mode 0600. A server
 * certificate is made anew at each start, because the names and addresses may have changed.
 */
export async function ensureServerPki(folder: string, names: ServerNames, sources: PkiSources): Promise<ServerPki> {
  await makePrivateFolder(folder);
  const authority = await ensure(folder, 'ca', () =>
    createAuthority({ commonName: 'kubernetes', days: authorityDays }, sources),
  );
  const issue = (name: string, request: Omit<CertificateRequest, 'days'>) =>
    ensure(
      folder,
      name,
      () => issueCertificate(authority, { ...request, days: certificateDays }, sources),
      (stored) => isGoodUntil(stored, authority, sources.clock.now() + renewalMs),
    );
  const frontProxyAuthority = await ensure(folder, 'front-proxy-ca', () =>
    createAuthority({ commonName: 'front-proxy-ca', days: authorityDays }, sources),
  );
  const frontProxyClient = await ensure(
    folder,
    'front-proxy-client',
    () =>
      issueCertificate(
        frontProxyAuthority,
        { commonName: frontProxyName, usage: 'client', days: certificateDays },
        sources,
      ),
    (stored) => isGoodUntil(stored, frontProxyAuthority, sources.clock.now() + renewalMs),
  );
  const server = await issueCertificate(
    authority,
    { commonName: 'kube-apiserver', ...names, usage: 'server', days: certificateDays },
    sources,
  );
  const tokenKey = await ensureText(folder, 'service-account.key', newSigningKey);
  const encryptionKey = await ensureText(folder, 'encryption.key', () =>
    Buffer.from(sources.random.bytes(encryptionKeyBytes)).toString('base64'),
  );
  return {
    authority,
    server,
    kubeletClient: await issue('apiserver-kubelet-client', {
      // Kubelets know it by its name. It has no groups: a node may lead the server to itself.
      commonName: 'kube-apiserver-kubelet-client',
      usage: 'client',
    }),
    admin: await issue('admin', { commonName: 'kubernetes-admin', organizations: ['system:masters'], usage: 'client' }),
    frontProxy: { authority: frontProxyAuthority.certificate, client: frontProxyClient },
    tokenKey,
    encryptionKey,
  };
}

/** The certificate with which a node's kubelet calls the API server and serves its own API. */
export function issueNodeCertificate(
  authority: KeyAndCertificate,
  node: { readonly name: string; readonly addresses: readonly string[] },
  sources: PkiSources,
): Promise<KeyAndCertificate> {
  return issueCertificate(
    authority,
    {
      commonName: `system:node:${node.name}`,
      organizations: ['system:nodes'],
      dnsNames: [node.name],
      addresses: node.addresses,
      usage: 'both',
      days: certificateDays,
    },
    sources,
  );
}

/** The certificate with which a part of an agent calls the API server. */
export function issueClientCertificate(
  authority: KeyAndCertificate,
  { name, groups }: AgentUser,
  sources: PkiSources,
): Promise<KeyAndCertificate> {
  const subject = { commonName: name, organizations: groups };
  return issueCertificate(authority, { ...subject, usage: 'client', days: certificateDays }, sources);
}

/** Whether the certificate is this user's. */
export function isOfUser({ certificate }: { readonly certificate: string }, { name, groups }: AgentUser): boolean {
  const { commonName, organizations } = subjectOf(certificate);
  return commonName === name && organizations.join() === groups.join();
}

/** A file of one secret, 0600. */
async function ensureText(folder: string, name: string, make: () => string): Promise<string> {
  const file = join(folder, name);
  const known = await readTextIfThere(file);
  if (known !== undefined) return known;
  const made = make();
  await writeFileAtomically(file, made, { mode: 0o600 });
  return made;
}

async function ensure(
  folder: string,
  name: string,
  make: () => Promise<KeyAndCertificate>,
  isGood: (stored: KeyAndCertificate) => boolean = () => true,
): Promise<KeyAndCertificate> {
  const [certificateFile, keyFile] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const [certificate, key] = [await readTextIfThere(certificateFile), await readTextIfThere(keyFile)];
  if (certificate !== undefined && key !== undefined && isGood({ certificate, key })) return { certificate, key };
  const made = await make();
  await writeFileAtomically(keyFile, made.key, { mode: 0o600 });
  await writeFileAtomically(certificateFile, made.certificate, { mode: 0o600 });
  return made;
}
