import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What is built from Kubernetes' own modules (`go/go.mod`), as paths. */
export interface Programs {
  /** The suite of end-to-end tests; the runner takes only files with this end of a name. */
  readonly suite: string;
  /** Runs parts of the suite side by side. */
  readonly ginkgo: string;
  /** What most containers of the tests run. */
  readonly agnhost: string;
  /** Tells as which user it runs; it is started with the rights of its owner. */
  readonly nonewprivs: string;
  /** An API server that is put behind the one that is tested, and its store. */
  readonly sampleApiServer: string;
  readonly etcd: string;
  /** The folder of the files that go with agnhost: a certificate and its key. */
  readonly certificates: string;
}

const module = join(import.meta.dirname, 'go');

/**
 * Builds them into `folder`. The first time this takes several minutes; then Go's own cache has it. Rejects with the
 * signal's reason when it aborts; the next build goes on from there.
 */
export async function buildPrograms(folder: string, signal?: AbortSignal): Promise<Programs> {
  await mkdir(folder, { recursive: true });
  const into = (name: string): string => join(folder, name);
  const go = (args: readonly string[], variables?: NodeJS.ProcessEnv) => runGo(args, variables, signal);
  const build = async (name: string, packageName: string): Promise<string> => {
    // Containers have no libraries for programs that use C's.
    await go(['build', ...small, '-o', into(name), packageName], { CGO_ENABLED: '0' });
    return into(name);
  };
  await go(['test', '-c', '-vet=off', ...small, '-o', into('e2e.test'), 'k8s.io/kubernetes/test/e2e']);
  const kubernetes = await go(['list', '-m', '-f', '{{.Dir}}', 'k8s.io/kubernetes']);
  return {
    suite: into('e2e.test'),
    ginkgo: await build('ginkgo', 'github.com/onsi/ginkgo/v2/ginkgo'),
    agnhost: await build('agnhost', 'k8s.io/kubernetes/test/images/agnhost'),
    nonewprivs: await build('nonewprivs', 'k8s.io/kubernetes/test/images/nonewprivs'),
    sampleApiServer: await build('sample-apiserver', 'k8s.io/sample-apiserver'),
    etcd: await build('etcd', 'go.etcd.io/etcd/server/v3'),
    certificates: join(kubernetes.trim(), 'test/images/agnhost/porter'),
  };
}

/** Without what debuggers need. */
const small = ['-ldflags=-s -w'];

/** Answers what it writes. */
async function runGo(
  [command, ...rest]: readonly string[],
  variables: NodeJS.ProcessEnv = {},
  signal?: AbortSignal,
): Promise<string> {
  const child = spawn('go', [command!, '-mod=readonly', ...rest], {
    cwd: module,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
    killSignal: 'SIGINT',
    ...(signal && { signal }),
  });
  const failed = once(child, 'error').then(([error]) => {
    signal?.throwIfAborted();
    const why = 'Cannot run go: the suite is built from its modules, which needs Go (https://go.dev)';
    throw new Error(why, { cause: error });
  });
  const ended = Promise.all([text(child.stdout), once(child, 'close')]);
  const [answer, [code]] = await Promise.race([ended, failed]);
  if (code !== 0) throw new Error(`Cannot build ${rest.at(-1)}: go ${command} ended with ${code ?? 'a signal'}`);
  return answer;
}
