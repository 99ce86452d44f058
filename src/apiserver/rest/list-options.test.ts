import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '../../apimachinery/status.ts';
import { checkListOptions, startsWithAll } from './list-options.ts';
import type { Operation } from './operation.ts';

function asked(verb: 'list' | 'watch', query: string): Operation {
  return { request: { verb, options: Object.fromEntries(new URLSearchParams(query)) } } as unknown as Operation;
}

/** What a request is told, cause by cause. */
function causesOf(verb: 'list' | 'watch', query: string): string[] {
  try {
    checkListOptions(asked(verb, query));
    return [];
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return error.status.details!.causes!.map(({ field, message }) => `${field}: ${message}`);
  }
}

const match = (why: string) => `resourceVersionMatch: Forbidden: ${why}`;
const onlyNotOlder = (given: string) =>
  `resourceVersionMatch: Unsupported value: "${given}": supported values: "NotOlderThan"`;
const withContinue = match('resourceVersionMatch is forbidden when continue is provided');
const withoutVersion = match('resourceVersionMatch is forbidden unless resourceVersion is provided');
const withoutInitial = match('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
const initialNeedsMatch = match('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
const unknown = 'resourceVersionMatch: Unsupported value: "X": supported values: "Exact", "NotOlderThan", ""';

const rows: [verb: 'list' | 'watch', query: string, want: string[]][] = [
  ['list', 'continue=x', []],
  ['list', 'resourceVersion=7&resourceVersionMatch=Exact', []],
  ['list', 'resourceVersionMatch=Exact&continue=x', [withoutVersion, withContinue]],
  ['list', 'resourceVersionMatch=X', [withoutVersion, unknown]],
  [
    'list',
    'resourceVersion=0&resourceVersionMatch=Exact',
    [match('resourceVersionMatch "exact" is forbidden for resourceVersion "0"')],
  ],
  ['list', 'sendInitialEvents=', ['sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list']],
  ['watch', 'resourceVersion=7', []],
  ['watch', 'resourceVersion=7&continue=x', []],
  ['watch', 'continue=x', [withContinue]],
  ['watch', 'resourceVersionMatch=Exact&continue=x', [withoutInitial, onlyNotOlder('Exact'), withContinue]],
  ['watch', 'sendInitialEvents=true', [initialNeedsMatch]],
  ['watch', 'sendInitialEvents=true&resourceVersionMatch=Exact', [initialNeedsMatch, onlyNotOlder('Exact')]],
  ['watch', 'sendInitialEvents=&resourceVersionMatch=NotOlderThan', []],
];
for (const [verb, query, want] of rows)
  test(`a ${verb} with ${query}`, () => assert.deepEqual(causesOf(verb, query), want));

const beginnings: [query: string, want: boolean][] = [
  ['', true],
  ['resourceVersion=0', true],
  ['resourceVersion=7', false],
  ['sendInitialEvents=&resourceVersionMatch=NotOlderThan', true],
  ['sendInitialEvents=0&resourceVersionMatch=NotOlderThan', false],
  ['resourceVersion=7&sendInitialEvents=1&resourceVersionMatch=NotOlderThan', true],
];
for (const [query, want] of beginnings)
  test(`a watch with "${query}" ${want ? 'begins with all there is' : 'begins where it says'}`, () =>
    assert.equal(startsWithAll(asked('watch', query)), want));
