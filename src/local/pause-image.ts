import { createHash } from 'node:crypto';
import { pauseProgram, type PauseArchitecture } from './pause-program.ts';
import { writeTar } from './tar.ts';

/** The image that every pod's sandbox runs. It is made here, because a cluster needs it before it can reach a registry. */
export const pauseImage = 'localhost/kubeling/pause:1';

/** User and group that the program runs as: no one. */
const nobody = '65535:65535';

/** The pause image as a docker archive, ready to be imported. The same bytes every time. */
export function pauseArchive(architecture: PauseArchitecture): Buffer {
  const layer = writeTar([{ path: 'pause', content: pauseProgram(architecture), mode: 0o755 }]);
  const config = Buffer.from(
    JSON.stringify({
      architecture,
      os: 'linux',
      config: { Entrypoint: ['/pause'], WorkingDir: '/', User: nobody },
      rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
    }),
  );
  const configName = `${sha256(config)}.json`;
  const manifest = [{ Config: configName, RepoTags: [pauseImage], Layers: ['layer.tar'] }];
  return writeTar([
    { path: configName, content: config },
    { path: 'layer.tar', content: layer },
    { path: 'manifest.json', content: Buffer.from(JSON.stringify(manifest)) },
  ]);
}

/** Docker's name of the processor that this program runs on. Throws on others than the two that are supported. */
export function pauseArchitecture(nodeName: string): PauseArchitecture {
  if (nodeName === 'x64') return 'amd64';
  if (nodeName === 'arm64') return 'arm64';
  throw new Error(`Cannot make the pause image for processor "${nodeName}": only x64 and arm64 are supported`);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
