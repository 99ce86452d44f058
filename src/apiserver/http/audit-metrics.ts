import type { AuditTallies } from '../audit/audit-tallies.ts';
import { headOf, labelsText, lineOf } from './exposition.ts';

/** What `/metrics` shows of audit. */
export function auditMetrics({ events, levels, errors }: AuditTallies): string {
  const each = <Key extends string>(name: string, label: string, counts: ReadonlyMap<Key, number>): string =>
    Array.from(counts, ([key, count]) => lineOf(name, labelsText({ [label]: key }), count)).join('');
  return [
    headOf('apiserver_audit_event_total', 'counter', 'Events that were given to the backends'),
    lineOf('apiserver_audit_event_total', '', events),
    headOf('apiserver_audit_level_total', 'counter', 'Requests by the level that the policy has for them'),
    each('apiserver_audit_level_total', 'level', levels),
    headOf('apiserver_audit_error_total', 'counter', 'Events that did not get to where they should'),
    each('apiserver_audit_error_total', 'plugin', errors),
    headOf(
      'apiserver_audit_requests_rejected_total',
      'counter',
      'Requests that were refused because audit failed; none is',
    ),
    lineOf('apiserver_audit_requests_rejected_total', '', 0),
  ].join('');
}
