import type { AccessTallies } from '../auth/access-tallies.ts';
import type { TokenCacheTally } from '../auth/token-cache-tally.ts';
import type { Timings } from '../timings.ts';
import { headOf, histogramOf, labelsText, lineOf } from './exposition.ts';

/** What `/metrics` shows of who asks, and of what may be done. */
export function accessMetrics(tallies: AccessTallies): string {
  const authentication = Object.entries(tallies.authentication);
  const authorization = Object.entries(tallies.authorization);
  const webhooks = [...tallies.webhooks].flatMap(([name, { tries }]) =>
    Array.from(tries, ([result, timings]) => [{ name, result }, timings] as const),
  );
  const issuers = [...tallies.issuers].flatMap(([hash, { took }]) =>
    Object.entries(took).map(([result, timings]) => [{ result, jwt_issuer_hash: hash }, timings] as const),
  );
  const byResult = (all: typeof authentication) => all.map(([result, timings]) => [{ result }, timings] as const);
  return [
    headOf('authenticated_user_requests', 'counter', 'Requests by sort of user'),
    ...Array.from(tallies.users, ([username, count]) =>
      lineOf('authenticated_user_requests', labelsText({ username }), count),
    ),
    counts('authentication_attempts', 'Requests by whether it was known who asks', byResult(authentication)),
    durations('authentication_duration_seconds', 'Time to find out who asks', byResult(authentication)),
    counts('authorization_attempts_total', 'Requests by whether they were allowed', byResult(authorization)),
    durations(
      'authorization_duration_seconds',
      'Time to find out whether a request is allowed',
      byResult(authorization),
    ),
    headOf('apiserver_authorization_decisions_total', 'counter', 'What each authorizer has decided'),
    ...tallies.decisions.flatMap(({ type, name, allowed, denied }) =>
      Object.entries({ allowed, denied }).map(([decision, count]) =>
        count === 0
          ? ''
          : lineOf('apiserver_authorization_decisions_total', labelsText({ type, name, decision }), count),
      ),
    ),
    counts('apiserver_authorization_webhook_evaluations_total', 'Questions to webhooks that authorize', webhooks),
    durations('apiserver_authorization_webhook_duration_seconds', 'Time that such a webhook took', webhooks),
    headOf(
      'apiserver_authorization_webhook_evaluations_fail_open_total',
      'counter',
      'Questions without an answer, which was taken for no opinion',
    ),
    ...[...tallies.webhooks].flatMap(([name, { failedOpen }]) =>
      Array.from(failedOpen, ([result, count]) =>
        lineOf('apiserver_authorization_webhook_evaluations_fail_open_total', labelsText({ name, result }), count),
      ),
    ),
    durations(
      'apiserver_authentication_jwt_authenticator_latency_seconds',
      'Time to read a token of a configured issuer',
      issuers,
    ),
    keySetMetrics(tallies.issuers),
    tokenCacheMetrics(tallies.tokenCache),
  ].join('');
}

/** Kubernetes' label for a server among several; there is one here, without a name. */
const anyServer = { apiserver_id_hash: '' };

function keySetMetrics(issuers: AccessTallies['issuers']): string {
  const times = 'apiserver_authentication_jwt_authenticator_jwks_fetch_last_timestamp_seconds';
  const sets = 'apiserver_authentication_jwt_authenticator_jwks_fetch_last_key_set_info';
  const lines = {
    times: headOf(times, 'gauge', 'When keys were last fetched'),
    sets: headOf(sets, 'gauge', 'A hash of them'),
  };
  for (const [jwt_issuer_hash, { fetchedAt, keySet }] of issuers) {
    for (const [result, seconds] of Object.entries(fetchedAt))
      lines.times += lineOf(times, labelsText({ ...anyServer, jwt_issuer_hash, result }), seconds);
    if (keySet !== undefined)
      lines.sets += lineOf(sets, labelsText({ ...anyServer, hash: keySet, jwt_issuer_hash }), 1);
  }
  return lines.times + lines.sets;
}

function tokenCacheMetrics({ hits, misses, fetched, inFlight, blocked }: TokenCacheTally): string {
  const requests = [
    [{ status: 'hit' }, hits],
    [{ status: 'miss' }, misses],
  ] as const;
  const values = (name: string, help: string, type: 'counter' | 'gauge', all: Readonly<Record<string, number>>) =>
    headOf(name, type, help) +
    Object.entries(all)
      .map(([status, value]) => lineOf(name, labelsText({ status }), value))
      .join('');
  const prefix = 'authentication_token_cache';
  return [
    durations(`${prefix}_request_duration_seconds`, 'Time to find out whose a token is', requests),
    counts(`${prefix}_request_total`, 'Tokens by whether they were known from before', requests),
    values(`${prefix}_fetch_total`, 'Readings of tokens that were not', 'counter', fetched),
    values(`${prefix}_active_fetch_count`, 'Readings that go on, and who waits for them', 'gauge', {
      in_flight: inFlight,
      blocked,
    }),
  ].join('');
}

type Labelled = readonly (readonly [labels: object, timings: Timings])[];

function counts(name: string, help: string, all: Labelled): string {
  const lines = all.map(([labels, { count }]) => (count === 0 ? '' : lineOf(name, labelsText(labels), count)));
  return headOf(name, 'counter', help) + lines.join('');
}

function durations(name: string, help: string, all: Labelled): string {
  const lines = all.map(([labels, timings]) =>
    timings.count === 0 ? '' : histogramOf(name, labelsText(labels), timings.bounds, timings),
  );
  return headOf(name, 'histogram', help) + lines.join('');
}
