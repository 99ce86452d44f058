import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import type { ClusterPaths } from './paths.ts';
import { listProcesses, type RunningProcess } from '../base/node/processes.ts';
import { withLog } from './program-logs.ts';
import type { Launcher } from './programs.ts';

/**
 * Starts the supervisor again whenever it ends, as long as the cluster's configuration (`$0`) is there. Both are ended
 * last where memory is short, as what they look after; the supervisor needs little.
 */
const guard =
  '{ echo -999 >/proc/self/oom_score_adj; } 2>/dev/null; ' +
  'while [ -e "$0" ]; do "$KUBELING_INTERPRETER" --max-old-space-size=256 "$KUBELING_SCRIPT" "$KUBELING_PART" --config "$0"; sleep 1; done';

/** The supervisor outlives this process, and is started again should it be killed. */
export function startSupervisor(paths: ClusterPaths, launcher: Launcher): void {
  const env = {
    ...process.env,
    KUBELING_INTERPRETER: launcher.interpreter,
    KUBELING_SCRIPT: launcher.script,
    KUBELING_PART: 'supervisor',
  };
  withLog(paths.supervisorLog, (log) =>
    spawn('sh', ['-c', guard, paths.config], { detached: true, cwd: '/', stdio: ['ignore', log, log], env }).unref(),
  );
}

/** Whether this is a supervisor, or what starts it again. */
export function isSupervisor({ commandLine }: Pick<RunningProcess, 'commandLine'>): boolean {
  return commandLine.includes('supervisor') || (basename(commandLine[0] ?? '') === 'sh' && commandLine[2] === guard);
}

/** Whether the cluster is looked after. */
export async function isSupervised(paths: ClusterPaths): Promise<boolean> {
  const processes = await listProcesses();
  return processes.some((process) => isSupervisor(process) && process.commandLine.includes(paths.config));
}
