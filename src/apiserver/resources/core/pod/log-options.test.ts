import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../../../apimachinery/status.ts';
import { checkLogOptions } from './log-options.ts';

const invalid = (why: string): [number, string] => [422, `PodLogOptions "p" is invalid: ${why}`];

const rows: { options: Record<string, string>; want?: [number, string] }[] = [
  { options: {} },
  { options: { tailLines: '0', limitBytes: '1', sinceSeconds: '1', stream: 'All', container: 'c', follow: '' } },
  { options: { sinceTime: '2026-01-01T00:00:00Z', stream: 'Stderr' } },
  { options: { sinceTime: 'null', sinceSeconds: '5' } },
  { options: { tailLines: '-1' }, want: invalid('tailLines: Invalid value: -1: must be greater than or equal to 0') },
  { options: { limitBytes: '0' }, want: invalid('limitBytes: Invalid value: 0: must be greater than 0') },
  { options: { sinceSeconds: '0' }, want: invalid('sinceSeconds: Invalid value: 0: must be greater than 0') },
  {
    options: { sinceSeconds: '0', sinceTime: '2026-01-01T00:00:00Z' },
    want: invalid('[]: Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified'),
  },
  {
    options: { stream: 'stdout', tailLines: '5' },
    want: invalid(
      '[stream: Unsupported value: "stdout": supported values: "All", "Stderr", "Stdout", []: Forbidden: `tailLines` and specific `stream` are mutually exclusive for now]',
    ),
  },
  { options: { tailLines: 'x' }, want: [400, 'strconv.ParseInt: parsing "x": invalid syntax'] },
  { options: { tailLines: '' }, want: [400, 'strconv.ParseInt: parsing "": invalid syntax'] },
  {
    options: { limitBytes: '9223372036854775808' },
    want: [400, 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
  },
  {
    options: { sinceTime: 'yesterday' },
    want: [400, 'parsing time "yesterday" as "2006-01-02T15:04:05Z07:00": cannot parse "yesterday" as "2006"'],
  },
];

for (const { options, want } of rows)
  test(`the log with ${JSON.stringify(options)} is ${want === undefined ? 'answered' : 'refused'}`, () => {
    const check = () => checkLogOptions((name) => options[name], 'p');
    if (want === undefined) return check();
    assert.throws(check, (error) => {
      assert.ok(error instanceof StatusError);
      assert.deepEqual([error.code, error.message], want);
      return true;
    });
  });
