/** How a state looks: all right, on its way, in need of someone, or none of these. */
export type Tone = 'good' | 'busy' | 'bad' | 'plain';

const ended = new Set(['Completed', 'Succeeded']);
const busy = new Set(['Pending', 'ContainerCreating', 'PodInitializing', 'Terminating', 'NotReady', 'SchedulingGated']);

/** The tone of a pod's STATUS as kubectl prints it: a phase, or the reason of a container's state. */
export function podTone(status: string, isReady: boolean): Tone {
  if (ended.has(status)) return 'plain';
  if (status === 'Running') return isReady ? 'good' : 'busy';
  if (/^Init:\d+\/\d+$/.test(status) || busy.has(status)) return 'busy';
  return 'bad';
}

/** The tone of a node's STATUS: `Ready`, `NotReady,SchedulingDisabled`. */
export function nodeTone(status: string): Tone {
  const [ready, ...more] = status.split(',');
  if (ready !== 'Ready') return 'bad';
  return more.length === 0 ? 'good' : 'busy';
}

/** The tone of `2/3`: complete, something, nothing. */
export function shareTone(share: string): Tone {
  const [have = 0, want = 0] = share.split('/').map(Number);
  if (want === 0) return 'plain';
  return have >= want ? 'good' : have > 0 ? 'busy' : 'bad';
}

const telling = /^(?:(?:.* )?status|ready|available|phase|state|condition|established|synced)$/i;
const words: Readonly<Record<string, Tone>> = {
  True: 'good',
  Active: 'good',
  Available: 'good',
  Bound: 'good',
  Complete: 'good',
  Healthy: 'good',
  Ready: 'good',
  Running: 'good',
  Synced: 'good',
  'Approved,Issued': 'good',
  Pending: 'busy',
  Progressing: 'busy',
  Terminating: 'busy',
  Unknown: 'busy',
  Waiting: 'busy',
  False: 'bad',
  Degraded: 'bad',
  Denied: 'bad',
  Error: 'bad',
  Failed: 'bad',
  Lost: 'bad',
};

/**
 * The tone of a cell of any kind, custom ones too; nothing where the column does not tell how the object is, or the
 * cell does not say it in a word that is known.
 */
export function cellTone(column: string, cell: string): Tone | undefined {
  if (!telling.test(column)) return undefined;
  return /^\d+\/\d+$/.test(cell) ? shareTone(cell) : words[cell];
}

/** The tone of one condition; those that name a trouble are good when false. */
export function conditionTone(type: string, status: string): Tone {
  if (status === 'Unknown') return 'busy';
  const namesTrouble = /Pressure$|Unavailable$|Failure$|^DisruptionTarget$/.test(type);
  if (namesTrouble) return status === 'True' ? 'bad' : 'good';
  return status === 'True' ? 'good' : 'busy';
}
