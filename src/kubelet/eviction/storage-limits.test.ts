import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeContainer, makePod } from '../testing/pods.ts';
import { exceededLimit, limitsStorage } from './storage-limits.ts';

const mebibyte = 2 ** 20;
const sizes = (of: Readonly<Record<string, number>>) =>
  new Map(Object.entries(of).map(([name, size]) => [name, size * mebibyte]));
const limited = (name: string, size?: string) =>
  makeContainer(name, size === undefined ? {} : { resources: { limits: { 'ephemeral-storage': size } } });
const volumes = [
  { name: 'e', emptyDir: { sizeLimit: '5Mi' } },
  { name: 'free', emptyDir: {} },
  { name: 'm', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
];

const rows: {
  name: string;
  limits?: [string?, string?];
  emptyDirs?: Record<string, number>;
  containers?: Record<string, number>;
  want: string | undefined;
}[] = [
  { name: 'as much as it may', emptyDirs: { e: 5, free: 900 }, containers: { a: 900 }, want: undefined },
  {
    name: 'a volume with too much',
    emptyDirs: { e: 6 },
    want: 'Usage of EmptyDir volume "e" exceeds the limit "5Mi". ',
  },
  { name: 'no more in memory than fits there', emptyDirs: { m: 6 }, want: undefined },
  { name: 'as much as all containers may', limits: ['10Mi', '20Mi'], containers: { a: 10, b: 20 }, want: undefined },
  {
    name: 'too much in all',
    limits: ['10Mi', '20Mi'],
    emptyDirs: { free: 20 },
    containers: { a: 5, b: 6 },
    want: 'Pod ephemeral local storage usage exceeds the total limit of containers 30Mi. ',
  },
  {
    name: 'too much in all, where one container has no limit',
    limits: ['10Mi'],
    containers: { b: 11 },
    want: 'Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ',
  },
  {
    name: 'anything where it may hold nothing',
    limits: ['0', '0'],
    containers: { a: 1 },
    want: 'Pod ephemeral local storage usage exceeds the total limit of containers 0. ',
  },
  {
    name: 'what one container of several may, which has no limit',
    limits: ['0', '9Mi'],
    containers: { a: 9 },
    want: undefined,
  },
  {
    name: 'a container with too much',
    limits: ['10Mi', '20Mi'],
    containers: { a: 11 },
    want: 'Container a exceeded its local ephemeral storage limit "10Mi". ',
  },
];
for (const { name, limits = [], emptyDirs = {}, containers = {}, want } of rows)
  test(`a pod on its disk: ${name}`, () => {
    const pod = makePod({ volumes, containers: [limited('a', limits[0]), limited('b', limits[1])] });
    assert.equal(exceededLimit(pod, { emptyDirs: sizes(emptyDirs), containers: sizes(containers) }), want);
  });

test('only pods with limits are to be measured', () => {
  assert.ok(!limitsStorage(makePod({ volumes: volumes.slice(1) })));
  assert.ok(limitsStorage(makePod({ volumes })));
  assert.ok(limitsStorage(makePod({ containers: [limited('a', '1Mi')] })));
});
