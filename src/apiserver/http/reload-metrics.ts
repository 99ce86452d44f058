import { hashOf } from '../auth/hash-of.ts';
import { reloadableParts } from '../reload/reconfiguration.ts';
import type { ReloadTallies } from '../reload/reload-tallies.ts';
import { headOf, labelsText, lineOf } from './exposition.ts';

/** What `/metrics` shows of configurations that are read again; `server` is a name of this server. */
export function reloadMetrics(tallies: ReloadTallies, server: string): string {
  const apiserver_id_hash = hashOf(server);
  return reloadableParts
    .map((part) => {
      const { success, failure, lastSuccess, lastFailure, hash } = tallies.of(part);
      const prefix = `apiserver_${part}_config_controller`;
      const counted = { success: success || undefined, failure: failure || undefined };
      const series = (name: string, values: Readonly<Record<string, number | undefined>>): string =>
        Object.entries(values)
          .filter((one): one is [string, number] => one[1] !== undefined)
          .map(([status, value]) => lineOf(name, labelsText({ status, apiserver_id_hash }), value))
          .join('');
      const [total, last, info] = [
        'automatic_reloads_total',
        'automatic_reload_last_timestamp_seconds',
        'last_config_info',
      ];
      return [
        headOf(`${prefix}_${total}`, 'counter', `How often the ${part} configuration was read again`),
        series(`${prefix}_${total}`, counted),
        headOf(`${prefix}_${last}`, 'gauge', `When the ${part} configuration was last read again`),
        series(`${prefix}_${last}`, { success: lastSuccess, failure: lastFailure }),
        headOf(`${prefix}_${info}`, 'gauge', `The ${part} configuration that is used, by its hash`),
        hash === undefined ? '' : lineOf(`${prefix}_${info}`, labelsText({ apiserver_id_hash, hash }), 1),
      ].join('');
    })
    .join('');
}
