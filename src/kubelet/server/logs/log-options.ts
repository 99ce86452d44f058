/** What a client wants to see of a log (PodLogOptions). */
export interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** Lines written before this time are left out; milliseconds since the epoch. */
  readonly since?: number;
  readonly tailLines?: number;
  readonly limitBytes?: number;
  readonly stream: 'All' | 'Stdout' | 'Stderr';
}

/** Reads the options from a query, or answers the complaint. `now` in milliseconds. */
export function readLogOptions(query: URLSearchParams, now: number): LogOptions | string {
  const numbers: Partial<Record<'sinceSeconds' | 'tailLines' | 'limitBytes', number>> = {};
  for (const name of ['sinceSeconds', 'tailLines', 'limitBytes'] as const) {
    const text = query.get(name);
    if (text === null || text === '') continue;
    const value = Number(text);
    if (!Number.isSafeInteger(value)) return `${name}: Invalid value: ${JSON.stringify(text)}: must be a number`;
    const least = name === 'tailLines' ? 0 : 1;
    if (value < least)
      return `${name}: Invalid value: ${value}: must be greater than ${least === 0 ? 'or equal to 0' : '0'}`;
    numbers[name] = value;
  }
  const sinceTime = query.get('sinceTime');
  const since = sinceTime === null || sinceTime === '' ? undefined : Date.parse(sinceTime);
  if (Number.isNaN(since))
    return `sinceTime: Invalid value: ${JSON.stringify(sinceTime)}: must be a time such as 2006-01-02T15:04:05Z`;
  if (since !== undefined && numbers.sinceSeconds !== undefined)
    return 'at most one of `sinceTime` or `sinceSeconds` may be specified';
  const stream = query.get('stream') ?? 'All';
  if (stream !== 'All' && stream !== 'Stdout' && stream !== 'Stderr')
    return `stream: Unsupported value: ${JSON.stringify(stream)}: supported values: "All", "Stderr", "Stdout"`;
  if (stream !== 'All' && numbers.tailLines !== undefined)
    return '`tailLines` and specific `stream` are mutually exclusive for now';
  const { sinceSeconds, tailLines, limitBytes } = numbers;
  const earliest = sinceSeconds === undefined ? since : now - sinceSeconds * 1000;
  return {
    follow: isTrue(query.get('follow')),
    timestamps: isTrue(query.get('timestamps')),
    stream,
    ...(earliest === undefined ? {} : { since: earliest }),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  };
}

/** As Kubernetes reads booleans of a query: `?follow` alone is true. */
export function isTrue(text: string | null): boolean {
  return text !== null && text !== 'false' && text !== '0';
}
