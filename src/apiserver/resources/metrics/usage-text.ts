import type { ResourceUsage } from '../../../api/metrics/v1beta1/types.ts';
import { goDuration } from '../../../apimachinery/duration.ts';
import { quantityOf, quantityText } from '../../../apimachinery/quantity.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import type { Measurement } from './measurements.ts';

/** As `cpu` and `memory`. */
export function usageText({ nanoCores, memoryBytes }: Pick<Measurement, 'nanoCores' | 'memoryBytes'>): ResourceUsage {
  return {
    cpu: quantityText({ unscaled: BigInt(Math.round(nanoCores)), scale: -9, format: 'DecimalSI' }),
    memory: quantityText(quantityOf(Math.round(memoryBytes), 'BinarySI')),
  };
}

/** When it was measured, as the objects say it. */
export function measuredAt({ at, windowMs }: Pick<Measurement, 'at' | 'windowMs'>): {
  timestamp: string;
  window: string;
} {
  return { timestamp: rfc3339(at), window: goDuration(windowMs) };
}
