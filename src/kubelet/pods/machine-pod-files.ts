import { chmod, mkdir, open, readdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pod } from '../../api/core/v1/types.ts';
import type { ContainerDetail } from '../runtime/runtime.ts';
import type { PodFiles } from './pod-files.ts';
import { runtimeAnnotations, runtimeLabels } from './runtime-labels.ts';
import { messageFromLog } from './termination-message.ts';

export interface MachinePodFilesOptions {
  /** Absolute; shared with the volumes. */
  readonly folder: string;
  /** Absolute; a folder for each pod, in it one for each container. */
  readonly podLogs: string;
}

const longestMessage = 4096;
/** How much of a log is looked at for a termination message. */
const logTailBytes = 64 * 1024;

/** Keeps the files of pods on the machine. */
export function machinePodFiles({ folder, podLogs }: MachinePodFilesOptions): PodFiles {
  const podFolder = (uid: string) => join(folder, 'pods', uid);
  const messageFile = (uid: string, container: string, attempt: number) =>
    join(podFolder(uid), 'containers', container, String(attempt));
  const logDirectory = ({ metadata }: Readonly<Pod>) =>
    join(podLogs, `${metadata.namespace}_${metadata.name}_${metadata.uid}`);

  return {
    logDirectory,

    async prepareContainer(pod, container, attempt) {
      const file = messageFile(pod.metadata.uid ?? '', container, attempt);
      await Promise.all([
        mkdir(join(logDirectory(pod), container), { recursive: true, mode: 0o755 }),
        mkdir(join(file, '..'), { recursive: true, mode: 0o750 }),
      ]);
      await writeFile(file, '');
      await chmod(file, 0o666);
      return file;
    },

    async writeHosts(pod, content) {
      const file = join(podFolder(pod.metadata.uid ?? ''), 'etc-hosts');
      const present = await readFile(file, 'utf8').catch(() => undefined);
      if (present === content) return file;
      await mkdir(join(file, '..'), { recursive: true, mode: 0o750 });
      await writeFile(file, content);
      await chmod(file, 0o644);
      return file;
    },

    async lastWords({ labels, annotations, name, attempt, exitCode, logPath }) {
      const uid = labels[runtimeLabels.podUid] ?? '';
      const written = await readEnd(messageFile(uid, name, attempt), longestMessage);
      const fallsBack = annotations[runtimeAnnotations.terminationMessagePolicy] === 'FallbackToLogsOnError';
      if (written !== '' || !fallsBack || exitCode === 0 || logPath === '') return written;
      return messageFromLog(await readEnd(absoluteLog(labels, logPath), logTailBytes));
    },

    async logBytes(pod, container) {
      const folder = join(logDirectory(pod), container);
      const names = await readdir(folder).catch(() => []);
      const sizes = names.map((name) =>
        stat(join(folder, name))
          .then(({ size }) => size)
          .catch(() => 0),
      );
      return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
    },

    async removeAttempt(pod, container, attempt) {
      await rm(messageFile(pod.metadata.uid ?? '', container, attempt), { force: true });
      const folder = join(logDirectory(pod), container);
      const names = await readdir(folder).catch(() => []);
      const own = names.filter((name) => name.startsWith(`${attempt}.log`)); // with those that were rotated away
      for (const name of own) await rm(join(folder, name), { force: true });
    },

    async remove(podUid) {
      const logs = (await readdir(podLogs).catch(() => [])).filter((name) => name.endsWith(`_${podUid}`));
      for (const name of logs) await rm(join(podLogs, name), { recursive: true, force: true });
      await rm(join(podFolder(podUid), 'containers'), { recursive: true, force: true });
      await rm(join(podFolder(podUid), 'etc-hosts'), { force: true });
      await rmdir(podFolder(podUid)).catch(() => undefined); // volumes may still be there
    },

    async podUids() {
      const logs = await readdir(podLogs).catch(() => []);
      const kept = await readdir(join(folder, 'pods')).catch(() => []);
      return [...new Set([...kept, ...logs.map((name) => name.slice(name.lastIndexOf('_') + 1))])];
    },
  };

  function absoluteLog(labels: ContainerDetail['labels'], logPath: string): string {
    if (logPath.startsWith('/')) return logPath;
    const { podName, podNamespace, podUid } = runtimeLabels;
    return join(podLogs, `${labels[podNamespace]}_${labels[podName]}_${labels[podUid]}`, logPath);
  }
}

/** The last bytes of a file; empty when there is no such file. */
async function readEnd(path: string, bytes: number): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const position = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(bytes, size)), { position });
    return buffer.toString('utf8', 0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
