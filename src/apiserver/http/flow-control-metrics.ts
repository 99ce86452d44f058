import { Counter, Gauge, type Registry } from 'prom-client';
import type { PriorityLevel, Tally } from '../flow-control/priority-level.ts';

/** What `/metrics` shows of API priority and fairness. */
export function flowControlMetrics(levels: () => readonly PriorityLevel[], registers: Registry[]): void {
  const ofLevel = (name: string, help: string, valueOf: (level: PriorityLevel) => number): void => {
    void new Gauge({
      name: `apiserver_flowcontrol_${name}`,
      help,
      labelNames: ['priority_level'],
      registers,
      collect() {
        this.reset();
        for (const level of levels()) this.set({ priority_level: level.limits.name }, valueOf(level));
      },
    });
  };
  ofLevel('nominal_limit_seats', 'Seats of a priority level while all want theirs', ({ limits }) => limits.nominal);
  ofLevel('lower_limit_seats', 'Seats of a priority level that nobody borrows', ({ limits }) => limits.lower);
  ofLevel('upper_limit_seats', 'The most seats that a priority level has', ({ upper }) => upper);

  const labelNames = ['flow_schema', 'priority_level'] as const;
  const each = (take: (labels: Record<(typeof labelNames)[number], string>, tally: Readonly<Tally>) => void): void => {
    for (const { limits, tallies } of levels())
      for (const [schema, tally] of tallies) take({ flow_schema: schema, priority_level: limits.name }, tally);
  };
  const gauge = (name: string, help: string, valueOf: (tally: Readonly<Tally>) => number): void => {
    void new Gauge({
      name: `apiserver_flowcontrol_${name}`,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        each((labels, tally) => this.set(labels, valueOf(tally)));
      },
    });
  };
  gauge('current_executing_requests', 'Requests that run', ({ running }) => running);
  gauge('current_executing_seats', 'Seats of requests that run', ({ seats }) => seats);
  gauge('current_inqueue_requests', 'Requests that wait', ({ waiting }) => waiting);
  void new Counter({
    name: 'apiserver_flowcontrol_dispatched_requests_total',
    help: 'Requests that have been let in',
    labelNames,
    registers,
    collect() {
      this.reset();
      each((labels, { dispatched }) => this.inc(labels, dispatched));
    },
  });
  void new Counter({
    name: 'apiserver_flowcontrol_rejected_requests_total',
    help: 'Requests that were refused',
    labelNames: [...labelNames, 'reason'],
    registers,
    collect() {
      this.reset();
      each((labels, { rejected }) => this.inc({ ...labels, reason: 'queue-full' }, rejected));
    },
  });
}
