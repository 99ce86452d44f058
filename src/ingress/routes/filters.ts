/** Text with variables of nginx, of those that requests may be told by. */
export type Template = readonly (string | { readonly variable: string })[];

/** What is done with a request before it goes to a backend, or with its answer. */
export type Filter =
  | { readonly kind: 'redirect'; readonly code: number; readonly to: Template }
  | SourceRanges
  | BasicAuth
  | ExternalAuth
  | Cors
  | RateLimit
  | ConnectionLimit
  | { readonly kind: 'satisfyAny' }
  | ErrorPages;

/** Clients by their address; both lists hold CIDRs. */
export interface SourceRanges {
  readonly kind: 'sourceRanges';
  readonly denied: readonly string[];
  /** Absent: all that are not denied. */
  readonly allowed?: readonly string[];
}

export interface BasicAuth {
  readonly kind: 'basicAuth';
  readonly realm: string;
  /** Fingerprint of the users. */
  readonly users: string;
}

/** Another server says whether a request may go on. */
export interface ExternalAuth {
  readonly kind: 'externalAuth';
  readonly target: AuthTarget;
  readonly method?: string;
  /** Where clients are sent that may not. */
  readonly signIn?: Template;
  /** Headers of its answer that the backend gets. */
  readonly responseHeaders: readonly string[];
  readonly requestRedirect?: Template;
}

/** Whom to ask: a backend, the host itself (over nginx again), or an address. The path begins with `/`, the query with `?`. */
export interface AuthTarget {
  readonly scheme: 'http' | 'https';
  readonly to:
    | { readonly kind: 'backend'; readonly namespace: string; readonly service: string; readonly port: number }
    | { readonly kind: 'itself' }
    | { readonly kind: 'address'; readonly address: string };
  readonly path: Template;
}

export interface Cors {
  readonly kind: 'cors';
  /** `*`, or origins such as `https://*.example.com:8443`. */
  readonly origins: readonly string[];
  readonly methods: string;
  readonly headers: string;
  readonly exposedHeaders?: string;
  readonly credentials: boolean;
  /** Seconds. */
  readonly maxAge: number;
}

/** Requests of one client address. */
export interface RateLimit {
  readonly kind: 'rateLimit';
  readonly requests: number;
  readonly per: 'second' | 'minute';
  /** How many may come at once beyond that. */
  readonly burst: number;
  /** CIDRs of clients that are not counted. */
  readonly uncounted: readonly string[];
}

/** Connections of one client address at the same time. */
export interface ConnectionLimit {
  readonly kind: 'connectionLimit';
  readonly connections: number;
  readonly uncounted: readonly string[];
}

/** Answers of the backend with these codes are replaced by what another backend answers. */
export interface ErrorPages {
  readonly kind: 'errorPages';
  readonly codes: readonly number[];
  readonly backend: string;
}

/** The filter of this kind, if there is one. */
export function filterOf<Kind extends Filter['kind']>(
  filters: readonly Filter[],
  kind: Kind,
): Extract<Filter, { kind: Kind }> | undefined {
  return filters.find((filter): filter is Extract<Filter, { kind: Kind }> => filter.kind === kind);
}
