import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../base/node/files.ts';
import type { PullRecordStore, RecordKind } from './pull-records.ts';

/** Records of pulls below a folder of the kubelet's, for root alone. */
export function machinePullRecords(kubeletFolder: string): PullRecordStore {
  const folderOf = (kind: RecordKind): string => join(kubeletFolder, 'image_manager', kind);
  const fileOf = (kind: RecordKind, name: string): string => join(folderOf(kind), name);
  return {
    async read(kind) {
      await mkdir(folderOf(kind), { recursive: true, mode: 0o700 });
      // Drafts of what was being written when the machine stopped begin with a dot.
      const names = (await readdir(folderOf(kind))).filter((name) => name.startsWith('sha256-'));
      return new Map(
        await Promise.all(
          names.map(async (name): Promise<[string, string]> => [name, await readFile(fileOf(kind, name), 'utf8')]),
        ),
      );
    },
    write: (kind, name, text) => writeFileAtomically(fileOf(kind, name), text),
    remove: (kind, name) => rm(fileOf(kind, name), { force: true }),
  };
}
