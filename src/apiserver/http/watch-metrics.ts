import { headOf, histogramOf, labelsText, lineOf } from './exposition.ts';
import { eventSizeBounds, type WatchTallies } from './watch-tallies.ts';

const total = 'apiserver_watch_events_total';
const sizes = 'apiserver_watch_events_sizes';
const open = 'apiserver_longrunning_requests';

/** What `/metrics` shows of watches. */
export function watchMetrics(tallies: WatchTallies): string {
  const counts = [headOf(total, 'counter', 'Events that were sent to watches')];
  const histograms = [headOf(sizes, 'histogram', 'Bytes of the events that were sent to watches')];
  const running = [headOf(open, 'gauge', 'Open watches')];
  for (const tally of tallies.all()) {
    const { group, version, resource, events, bytes, sizes: took } = tally;
    const labels = labelsText({ group, resource, version });
    if (events > 0) {
      counts.push(lineOf(total, labels, events));
      histograms.push(histogramOf(sizes, labels, eventSizeBounds, { took, seconds: bytes }));
    }
    const of = { component: 'apiserver', group, resource, scope: '', subresource: '', verb: 'WATCH', version };
    running.push(lineOf(open, labelsText(of), tally.open));
  }
  return [...running, ...counts, ...histograms].join('');
}
