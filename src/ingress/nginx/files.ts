import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, readTextIfThere, writeFileAtomically } from '../../base/node/files.ts';
import { nginxModules } from '../../base/node/nginx-modules.ts';
import { fingerprintOf } from '../routes/certificates.ts';
import type { KeyPair, Routes } from '../routes/routes.ts';
import { authorityFile, certificateFiles, usersFile, type NginxFolder } from './folder.ts';

const scripts = ['balancer.lua', 'traffic.lua'];

/** Makes what is missing of the folder and writes our scripts into it; answers what names their content. */
export async function prepareFolder(folder: NginxFolder): Promise<string> {
  for (const path of [folder.prefix, folder.scripts, folder.temporary]) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o755); // workers, which are not root, have to get through
  }
  for (const path of [folder.control, folder.certificates]) await makePrivateFolder(path);
  await mkdir(folder.users, { recursive: true });
  await chmod(folder.users, 0o711); // who knows a name comes to a file, which is for workers only
  const digest = createHash('sha256');
  for (const script of scripts) {
    const code = await readFile(join(import.meta.dirname, script), 'utf8');
    await writeFileAtomically(join(folder.scripts, script), code, { mode: 0o644 });
    digest.update(code);
  }
  return digest.digest('hex').slice(0, 16);
}

/** All that the configuration names of what Secrets hold. */
export async function writeSecrets(folder: NginxFolder, routes: Routes, worker: number | undefined): Promise<void> {
  await writeCertificates(folder, routes.certificates);
  for (const [fingerprint, pem] of routes.authorities) {
    const file = authorityFile(folder, fingerprint);
    if (!existsSync(file)) await writeFileAtomically(file, pem);
  }
  for (const [fingerprint, text] of routes.users) {
    const file = usersFile(folder, fingerprint);
    if (existsSync(file)) continue;
    await writeFileAtomically(file, text, { mode: 0o400 });
    if (worker !== undefined) await chown(file, worker, -1);
  }
}

/** Writes the certificates that are not there yet. Their names tell their content, so what is there is right. */
async function writeCertificates(folder: NginxFolder, certificates: ReadonlyMap<string, KeyPair>): Promise<void> {
  for (const [fingerprint, pair] of certificates) {
    const files = certificateFiles(folder, fingerprint);
    if (existsSync(files.key)) continue;
    await writeFileAtomically(files.certificate, pair.certificate);
    await writeFileAtomically(files.key, pair.key);
  }
}

/** Removes keys and authorities that no configuration names any more. */
export async function removeCertificates(folder: NginxFolder, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder.certificates)) {
    const fingerprint = name.replace(/\.(crt|key|ca)$/, '');
    if (name !== 'default' && !kept.has(fingerprint)) await rm(join(folder.certificates, name), { force: true });
  }
}

/** Removes users that no configuration names any more. */
export async function removeUsers(folder: NginxFolder, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(folder.users))
    if (!kept.has(name)) await rm(join(folder.users, name), { force: true });
}

/** The certificate for hosts without one: made once, kept as long as the folder. Answers its fingerprint. */
export async function defaultCertificate(folder: NginxFolder, make: () => Promise<KeyPair>): Promise<string> {
  const note = join(folder.certificates, 'default');
  const known = (await readTextIfThere(note))?.trim();
  if (known !== undefined && existsSync(certificateFiles(folder, known).key)) return known;
  const pair = await make();
  const fingerprint = fingerprintOf(pair);
  await writeCertificates(folder, new Map([[fingerprint, pair]]));
  await writeFileAtomically(note, fingerprint);
  return fingerprint;
}

/** The folder of nginx' modules. Throws when what is needed is not installed. */
export function modulesFolder(): string {
  const folder = nginxModules();
  if (folder === undefined)
    throw new Error(
      'Cannot run nginx: its module for Lua is missing; install the packages nginx and libnginx-mod-http-lua',
    );
  return folder;
}

/** Whom nginx' workers are: the user that the distribution has for it. Nobody else where nginx does not run as root. */
export async function workerUser(): Promise<{ readonly name: string; readonly id: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const found = ['www-data', 'nginx'].flatMap((name) => users.filter((user) => user[0] === name))[0];
  return found && { name: found[0]!, id: Number(found[2]) };
}
