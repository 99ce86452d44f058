/** How the backend and the endpoint of a request are chosen. It is data of the balancer: it changes without a reload. */
export interface Traffic {
  readonly backend: string;
  readonly canary?: Canary;
  /** Asked where the backend has no endpoints. */
  readonly fallback?: string;
  readonly affinity?: Affinity;
  /** Requests with the same key go to the same endpoint; the key is a variable of the location. */
  readonly hasHashKey?: boolean;
  /** `ewma`: of two endpoints the one that has answered sooner of late. Absent: in turn. */
  readonly balance?: 'ewma';
}

/** Requests that go to another backend: told by a header, then by a cookie, then by chance. */
export interface Canary {
  readonly backend: string;
  readonly header?: string;
  readonly headerValue?: string;
  readonly headerPattern?: string;
  readonly cookie?: string;
  /** Of `total` requests. */
  readonly weight: number;
  readonly total: number;
}

/** A client's requests go to the endpoint that its first one went to, told by a cookie. */
export interface Affinity {
  readonly mode: 'balanced' | 'persistent';
  readonly cookie: string;
  readonly path: string;
  readonly domain?: string;
  readonly sameSite?: string;
  readonly expires?: number;
  readonly maxAge?: number;
  /** Absent: where the request came over HTTPS. */
  readonly secure?: boolean;
  readonly changesOnFailure: boolean;
  /** Whether who was served by a canary stays with it. */
  readonly isStickyToCanary: boolean;
}

/** By the names under which the balancer keeps it, beside the endpoints of backends. */
export function trafficTexts(traffic: ReadonlyMap<string, Traffic>): Map<string, string> {
  return new Map([...traffic].map(([name, one]) => [`@${name}`, trafficText(one)]));
}

/** A line's rest for `traffic.lua`: `name=value` with the values as in URLs. */
function trafficText({ canary, affinity, ...traffic }: Traffic): string {
  const all: Record<string, unknown> = {
    fallback: traffic.fallback,
    hash: traffic.hasHashKey,
    balance: traffic.balance,
    canary: canary?.backend,
    header: canary?.header?.toLowerCase().replaceAll('-', '_'),
    value: canary?.headerValue,
    pattern: canary?.headerPattern,
    canarycookie: canary?.cookie,
    weight: canary?.weight,
    total: canary?.total,
    mode: affinity?.mode,
    cookie: affinity?.cookie,
    path: affinity?.path,
    domain: affinity?.domain,
    samesite: affinity?.sameSite,
    expires: affinity?.expires,
    maxage: affinity?.maxAge,
    secure: affinity?.secure?.toString(),
    change: affinity?.changesOnFailure,
    sticky: affinity?.isStickyToCanary,
  };
  const told = Object.entries(all).filter(([, value]) => value !== undefined && value !== false);
  return [
    `of=${encodeURIComponent(traffic.backend)}`,
    ...told.map(([name, value]) => `${name}=${encoded(value)}`),
  ].join(' ');
}

function encoded(value: unknown): string {
  return encodeURIComponent(String(value));
}
