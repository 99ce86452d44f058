import type { Deployment } from '../../api/apps/v1/types.ts';
import type { Tone } from './tone.ts';

export interface Rollout {
  readonly tone: Tone;
  readonly text: string;
}

/** How far a Deployment has come, by the rules of `kubectl rollout status`. */
export function rolloutOf({ metadata, spec, status = {} }: Readonly<Deployment>): Rollout {
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, observedGeneration = 0, conditions = [] } = status;
  const wanted = spec.replicas ?? 1;
  const busy = (text: string): Rollout => ({ tone: 'busy', text });
  if (spec.paused === true) return { tone: 'plain', text: 'paused' };
  if ((metadata.generation ?? 0) > observedGeneration) return busy('waiting to be seen');
  if (conditions.some(({ type, reason }) => type === 'Progressing' && reason === 'ProgressDeadlineExceeded'))
    return { tone: 'bad', text: 'stuck: took longer than its deadline' };
  if (updatedReplicas < wanted) return busy(`${updatedReplicas} of ${wanted} updated`);
  if (replicas > updatedReplicas) return busy(`${replicas - updatedReplicas} old to go`);
  if (availableReplicas < updatedReplicas) return busy(`${availableReplicas} of ${updatedReplicas} available`);
  return wanted === 0 ? { tone: 'plain', text: 'scaled to zero' } : { tone: 'good', text: 'complete' };
}
