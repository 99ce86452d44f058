import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { CommandError, run } from '../base/node/command.ts';

/** Asked by Debian's package scripts before they start a service; 101 means: do not. */
const policy = '/usr/sbin/policy-rc.d';
const refuseToStart = '#!/bin/sh\nexit 101\n';

/**
 * Installs Debian packages with apt, without starting the services that they bring and without removing anything. Rejects
 * with what apt said.
 */
export async function installPackages(packages: readonly string[], report: (text: string) => void): Promise<void> {
  const hadPolicy = existsSync(policy);
  if (!hadPolicy) await writeFile(policy, refuseToStart, { mode: 0o755 });
  try {
    report('reading the package lists');
    await apt(['update']).catch(() => {}); // an old list may do; the install says what is missing
    report(`installing ${packages.join(', ')}`);
    await apt(['install', '--yes', '--no-install-recommends', '--no-remove', ...packages]);
    // The package's own nginx would take the machine's port 80 at the next boot. Only nodes are to run it.
    if (packages.includes('nginx')) await run('systemctl', ['disable', 'nginx']).catch(() => {});
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    const said = cause.stderr
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('E:'))
      .join(' ');
    throw new Error(
      `Cannot install ${packages.join(', ')}: ${said === '' ? cause.message : said}; install them by hand and try again`,
      { cause },
    );
  } finally {
    if (!hadPolicy) await rm(policy, { force: true });
  }
}

async function apt(args: readonly string[]): Promise<void> {
  await run('apt-get', ['--quiet', ...args], { env: { DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_SUSPEND: '1' } });
}
