import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupMounts } from '../../src/local/cgroups.ts';
import { cgroupOf, hostNamesOf } from '../../src/local/cluster-config.ts';
import { run } from '../../src/base/node/command.ts';
import { clusterPaths, type Home } from '../../src/local/paths.ts';
import { listProcesses } from '../../src/base/node/processes.ts';

/** Everything that is left of a cluster on this machine, in words; looked for without the code that removes it. */
export async function leftovers(home: Home, name: string): Promise<string[]> {
  const paths = clusterPaths(home, name);
  const names = hostNamesOf(home, name);
  const cgroup = cgroupOf(home, name);
  const mountinfo = readFileSync('/proc/self/mountinfo', 'utf8');
  const found: string[] = [];
  for (const folder of [paths.data, paths.run]) if (existsSync(folder)) found.push(`folder ${folder}`);
  for (const line of mountinfo.split('\n'))
    if (line.includes(`${paths.data}/`) || line.includes(`${paths.run}/`)) found.push(`mount ${line}`);
  for (const { path } of cgroupMounts(mountinfo))
    if (existsSync(join(path, cgroup))) found.push(`cgroup ${join(path, cgroup)}`);
  for (const { pid, commandLine, cgroups, folder } of await listProcesses())
    if (
      [...commandLine, folder].some((word) => word.includes(paths.data) || word.includes(paths.run)) ||
      cgroups.some((one) => one.startsWith(cgroup))
    )
      found.push(`process ${pid} ${commandLine.join(' ')}`);
  const links = await run('ip', ['-o', 'link', 'show']);
  for (const line of links.split('\n')) if (line.includes(names.bridge)) found.push(`interface ${line}`);
  if ((await run('nft', ['list', 'tables'])).includes(names.table)) found.push(`table ${names.table}`);
  return found;
}
