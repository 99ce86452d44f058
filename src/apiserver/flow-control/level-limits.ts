import type { PriorityLevelConfiguration } from '../../api/flowcontrol/v1/types.ts';
import type { LevelLimits } from './priority-level.ts';

/** What a configuration comes to when so many seats are shared by levels that have so many shares in all. */
export function levelLimits(
  { metadata: { name = '' }, spec }: Readonly<PriorityLevelConfiguration>,
  total: number,
  shares: number,
): LevelLimits {
  const { limited } = spec;
  if (limited === undefined) return { name, isExempt: true, nominal: 0, lower: 0, upper: Infinity };
  const { nominalConcurrencyShares = 0, lendablePercent = 0, borrowingLimitPercent, limitResponse } = limited;
  const nominal = shares === 0 ? 0 : Math.ceil((total * nominalConcurrencyShares) / shares);
  const share = (percent: number): number => Math.round((nominal * percent) / 100);
  const { queues = 64, handSize = 8, queueLengthLimit = 50 } = limitResponse?.queuing ?? {};
  return {
    name,
    isExempt: false,
    nominal,
    lower: nominal - share(lendablePercent),
    upper: borrowingLimitPercent === undefined ? Infinity : nominal + share(borrowingLimitPercent),
    ...(limitResponse?.type === 'Queue' && { queues: { queues, handSize, queueLengthLimit } }),
  };
}
