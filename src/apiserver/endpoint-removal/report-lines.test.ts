import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReportLines, type Told } from './report-lines.ts';

const nothing: Told = { kind: 'nothing' };
const nonsense: Told = { kind: 'nonsense' };
const report = (revision?: number): Told => ({ kind: 'report', revision });

const rows: { name: string; parts: string[]; want: Told[] }[] = [
  { name: 'a revision', parts: ['12\n'], want: [report(12)] },
  { name: 'an empty line', parts: ['\n'], want: [report()] },
  { name: 'a line in two parts', parts: ['1', '2\n'], want: [nothing, report(12)] },
  { name: 'of several lines the last whole one', parts: ['1\n2\n3', '\n'], want: [report(2), report(3)] },
  { name: 'no number', parts: ['x\n'], want: [nonsense] },
  { name: 'a number below zero', parts: ['-1\n'], want: [nonsense] },
  { name: 'a line without an end', parts: ['1'.repeat(21)], want: [nonsense] },
];

for (const { name, parts, want } of rows)
  test(`a report is read: ${name}`, () => {
    const lines = new ReportLines();
    assert.deepEqual(
      parts.map((part) => lines.push(part)),
      want,
    );
  });
