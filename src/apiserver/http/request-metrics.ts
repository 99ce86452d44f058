import { methodOfVerb } from '../../apimachinery/request.ts';
import type { ResourceTarget, Target } from '../request/target.ts';
import { headOf, histogramOf, labelsText } from './exposition.ts';

type Labels = Readonly<
  Record<'component' | 'dry_run' | 'group' | 'resource' | 'scope' | 'subresource' | 'verb' | 'version', string>
>;

/** Upper bounds of the histograms, in seconds: those of Kubernetes, since rules for alerts name them. */
const bounds = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60];
/** The histogram for service levels begins at a later bound. */
const firstServiceBound = 2;

/** Upper bounds of the answers' sizes, in bytes. */
const sizeBounds = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/** What was counted of one sort of request. */
interface Series {
  readonly labels: Labels;
  readonly codes: Map<number, number>;
  /** By bound, not cumulative; the last is for what took longer than all of them. */
  readonly took: Float64Array;
  seconds: number;
  /** Bytes of answers, by {@link sizeBounds}. */
  readonly sizes: Float64Array;
  bytes: number;
}

/**
 * Counts requests in plain numbers: they become metrics only when somebody asks for those. There may be thousands of series,
 * of fifty lines each, so that they are written one by one, and by no library that makes an object of each.
 */
export class RequestMetrics {
  readonly #series: Series[] = [];
  /** Of what is no resource. */
  readonly #byMethod = new Map<string, Series>();
  /** By verb, then by resource. */
  readonly #byResource = new Map<string, Map<string, Series[]>>();
  readonly #isServed: (target: ResourceTarget) => boolean;

  constructor(isServed: (target: ResourceTarget) => boolean) {
    this.#isServed = isServed;
  }

  /** Names that clients make up are not kept: each would take memory for good. `isApply`: a patch that is an apply. */
  count(method: string, target: Target | undefined, code: number, seconds: number, isApply = false, bytes = 0): void {
    const series = this.#of(method, target?.isResource === true ? target : undefined, isApply);
    series.codes.set(code, (series.codes.get(code) ?? 0) + 1);
    if (series.labels.verb === 'WATCH') return;
    let at = 0;
    while (at < bounds.length && seconds > bounds[at]!) at++;
    series.took[at]!++;
    series.seconds += seconds;
    at = 0;
    while (at < sizeBounds.length && bytes > sizeBounds[at]!) at++;
    series.sizes[at]!++;
    series.bytes += bytes;
  }

  /** In the text format of Prometheus: some lines at a time, since all of them together may be as many megabytes. */
  *texts(): Generator<string, undefined> {
    yield headOf(totalsName, 'counter', 'Requests by verb, resource and response code');
    yield* this.#series.values().map(totalsOf);
    const timed = this.#series.filter(({ labels }) => labels.verb !== 'WATCH');
    yield `\n${headOf(durationsName, 'histogram', 'Time from the arrival of a request to its answer')}`;
    yield* timed.values().map(durationsOf);
    yield `\n${headOf(serviceName, 'histogram', 'The same without dry runs, for service levels')}`;
    yield* timed.values().map(serviceOf);
    yield `\n${headOf(sizesName, 'histogram', 'Bytes of answers')}`;
    yield* timed.values().map(sizesOf);
    return undefined;
  }

  #of(method: string, target: ResourceTarget | undefined, isApply = false): Series {
    if (target === undefined) return this.#ofMethod(methods.has(method) ? method : 'OTHER');
    const { group, version, resource, subresource = '' } = target;
    const verb = isApply ? 'APPLY' : verbOf(target);
    const ofVerb = this.#byResource.get(verb);
    const ofResource = ofVerb?.get(resource);
    const scope = scopeOf(target);
    const dryRun = target.options['dryRun'] === 'All' ? 'All' : '';
    // Few, so that to look at all costs less than to put a key together.
    for (const series of ofResource ?? []) {
      const { labels } = series;
      const isOfPlace = labels.subresource === subresource && labels.group === group && labels.version === version;
      if (isOfPlace && labels.scope === scope && labels.dry_run === dryRun) return series;
    }
    if (!this.#isServed(target)) return this.#of(method, undefined);
    const labels = { ...ours, dry_run: dryRun, verb, group, version, resource, subresource, scope };
    const series = this.#newSeries(labels);
    if (ofResource !== undefined) ofResource.push(series);
    else this.#byResource.set(verb, (ofVerb ?? new Map<string, Series[]>()).set(resource, [series]));
    return series;
  }

  #ofMethod(method: string): Series {
    const known = this.#byMethod.get(method);
    if (known !== undefined) return known;
    const series = this.#newSeries({ ...ours, ...nothing, dry_run: '', verb: method });
    this.#byMethod.set(method, series);
    return series;
  }

  #newSeries(labels: Labels): Series {
    const series = {
      labels,
      codes: new Map<number, number>(),
      took: new Float64Array(bounds.length + 1),
      seconds: 0,
      sizes: new Float64Array(sizeBounds.length + 1),
      bytes: 0,
    };
    this.#series.push(series);
    return series;
  }
}

const totalsName = 'apiserver_request_total';
const durationsName = 'apiserver_request_duration_seconds';
const sizesName = 'apiserver_response_sizes';
const serviceName = 'apiserver_request_sli_duration_seconds';

function totalsOf({ labels, codes }: Series): string {
  const text = labelsText(labels);
  let lines = '';
  for (const [code, count] of codes) lines += `${totalsName}{${text},code="${code}"} ${count}\n`;
  return lines;
}

function durationsOf(series: Series): string {
  return histogramOf(durationsName, labelsText(series.labels), bounds, series);
}

function sizesOf({ labels: all, sizes, bytes }: Series): string {
  const { dry_run: dryRun, ...labels } = all;
  const counted = { took: sizes, seconds: bytes };
  return dryRun === '' ? histogramOf(sizesName, labelsText(labels), sizeBounds, counted) : '';
}

function serviceOf(series: Series): string {
  const { dry_run: dryRun, ...labels } = series.labels;
  return dryRun === '' ? histogramOf(serviceName, labelsText(labels), bounds, series, firstServiceBound) : '';
}

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'OTHER']);
const ours = { component: 'apiserver' };
const nothing = { group: '', version: '', resource: '', subresource: '', scope: '' };

/** Verbs of metrics are methods, but for those that methods do not tell apart. */
const verbs: Readonly<Record<string, string>> = { ...methodOfVerb, list: 'LIST', watch: 'WATCH' };
const connections: ReadonlySet<string> = new Set(['attach', 'exec', 'log', 'portforward', 'proxy']);

function verbOf({ verb, subresource }: ResourceTarget): string {
  return subresource !== undefined && connections.has(subresource) ? 'CONNECT' : (verbs[verb] ?? 'OTHER');
}

/** Whether a request is about one object, those of a namespace, or all. */
function scopeOf({ name, namespace, verb }: ResourceTarget): string {
  if (name !== undefined || verb === 'create') return 'resource';
  return namespace === undefined ? 'cluster' : 'namespace';
}
