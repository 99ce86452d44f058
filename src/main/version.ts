import { createRequire } from 'node:module';

/** The Kubernetes level that is served. */
export const kubernetesVersion = 'v1.36.3';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

/** Kubeling's own version. */
export const kubelingVersion: string = version;

/** What `/version` answers (version.Info). */
export const versionInfo = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: `${kubernetesVersion}+kubeling.${version}`,
  gitCommit: '',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
  goVersion: `node${process.version}`,
  compiler: 'v8',
  platform: `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`,
};
