import { bootstrapTokenLeft, bootstrapTokenType } from '../../api/core/bootstrap-token.ts';
import { Secrets, type Secret } from '../../api/core/v1/types.ts';
import { isStatus } from '../../apimachinery/status.ts';
import { againAfter, settled, type Controller } from '../../reconciler/controller.ts';

/** Timers of more than 24 days are none. */
const longestWaitMs = 24 * 60 * 60 * 1000;

/** Deletes the tokens of new nodes when they are over. */
export const tokenCleaner: Controller<Secret> = {
  name: 'token-cleaner',
  for: Secrets,

  async reconcile(key, cluster) {
    const secret = key.namespace === 'kube-system' ? cluster.get(Secrets, key) : undefined;
    if (secret?.type !== bootstrapTokenType) return settled;
    const left = bootstrapTokenLeft(secret, cluster.clock.now());
    if (left === undefined) return settled;
    if (left > 0) return againAfter(Math.min(left, longestWaitMs));
    try {
      await cluster.delete(Secrets, secret, { preconditions: { uid: secret.metadata.uid! } });
    } catch (error) {
      if (!isStatus(error, 'Conflict')) throw error;
    }
    return settled;
  },
};
