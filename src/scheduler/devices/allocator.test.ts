import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Device,
  DeviceClaim,
  ResourceClaim,
  ResourceSlice,
  ResourceSliceSpec,
} from '../../api/resource/v1/types.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { infoOf } from '../testing/objects.ts';
import type { Grant } from './allocator.ts';
import { DeviceState } from './device-state.ts';
import { grantsOn, planDevices, podDevices } from './pod-devices.ts';

const node = { name: 'n', labels: { zone: 'a' }, allocatable: new Map<string, number>() };
const driver = 'd.example.com';

function slice(name: string, devices: readonly Device[], more: Partial<ResourceSliceSpec> = {}): ResourceSlice {
  const pool = { name: 'pool', generation: 1, resourceSliceCount: 1 };
  return { metadata: { name }, spec: { driver, pool, nodeName: 'n', devices: [...devices], ...more } };
}

const devices = (...names: string[]): Device[] => names.map((name) => ({ name }));
const exactly = (more: object = {}) => ({
  deviceClassName: 'any',
  allocationMode: 'ExactCount' as const,
  count: 1,
  ...more,
});
const one = (more: object = {}, name = 'r') => ({ name, exactly: exactly(more) });
const memory = (amount: number) => `device.attributes["${driver}"].memory >= ${amount}`;
const choosing = (expression: string) => ({ selectors: [{ cel: { expression } }] });
const sized = (name: string, amount: number, more: Partial<Device> = {}): Device => ({
  name,
  attributes: { memory: { int: amount } },
  ...more,
});
const shareable = (name: string, value: string): Device => ({
  name,
  allowMultipleAllocations: true,
  capacity: { memory: { value, requestPolicy: { default: '1Gi', validRange: { min: '1Gi', step: '1Gi' } } } },
});

const many = (count: number, attributes: (i: number) => object = () => ({}), more: Partial<Device> = {}): Device[] =>
  Array.from({ length: count }, (_, i) => ({
    name: `d${i}`,
    attributes: attributes(i) as Device['attributes'],
    ...more,
  }));
const distinct = (name: string, request: string) => ({ requests: [request], distinctAttribute: `${driver}/${name}` });
const ofTwo = { pool: { name: 'pool', generation: 1, resourceSliceCount: 2 } };
const digits = '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]';
const costly = `${digits}.all(a, ${digits}.all(b, ${digits}.all(c, ${digits}.all(d, d >= 0))))`;

interface Row {
  readonly name: string;
  readonly slices: readonly ResourceSlice[];
  /** What each claim of the pod wants. */
  readonly claims: readonly DeviceClaim[];
  /** Devices that another claim has, as of its allocation. */
  readonly taken?: readonly object[];
  readonly want: string;
}

const rows: readonly Row[] = [
  {
    name: 'the first device in the order of pools and slices',
    slices: [slice('s', devices('b', 'a'))],
    claims: [{ requests: [one()] }],
    want: 'r=b',
  },
  {
    name: 'a device that somebody has is not given again, and an admin gets it all the same',
    slices: [slice('s', devices('a', 'b'))],
    claims: [{ requests: [one(), one({ adminAccess: true }, 'look')] }],
    taken: [{ driver, pool: 'pool', device: 'a' }],
    want: 'r=b look=a',
  },
  {
    name: 'selectors choose',
    slices: [slice('s', [sized('small', 16), sized('big', 80)])],
    claims: [{ requests: [one(choosing(memory(40)))] }],
    want: 'r=big',
  },
  {
    name: 'what cannot be evaluated is an error',
    slices: [slice('s', devices('a'))],
    claims: [{ requests: [one(choosing(memory(40)))] }],
    want: 'claim default/c0: selector #0: CEL runtime error: no such key: memory',
  },
  {
    name: 'a search steps back: the claim with fewer choices gets what it needs',
    slices: [slice('s', [sized('big', 80), sized('small', 16)])],
    claims: [{ requests: [one()] }, { requests: [one(choosing(memory(40)))] }],
    want: 'r=small; r=big',
  },
  {
    name: 'too few',
    slices: [slice('s', devices('a'))],
    claims: [{ requests: [one({ count: 2 })] }],
    want: 'cannot allocate all claims',
  },
  {
    name: 'all of them',
    slices: [slice('s', devices('a', 'b'))],
    claims: [{ requests: [one({ allocationMode: 'All', count: 0 })] }],
    want: 'r=a r=b',
  },
  {
    name: 'all, and somebody has one',
    slices: [slice('s', devices('a', 'b'))],
    claims: [{ requests: [one({ allocationMode: 'All', count: 0 })] }],
    taken: [{ driver, pool: 'pool', device: 'b' }],
    want: 'cannot allocate all claims',
  },
  {
    name: 'all of a pool that is being written',
    slices: [slice('s', devices('a'), { pool: { name: 'pool', generation: 1, resourceSliceCount: 2 } })],
    claims: [{ requests: [one({ allocationMode: 'All', count: 0 })] }],
    want: `claim default/c0, request r: asks for all devices, but resource pool ${driver}/pool is currently being updated`,
  },
  {
    name: 'an older generation does not count',
    slices: [
      slice('old', devices('a')),
      slice('new', devices('b'), { pool: { name: 'pool', generation: 2, resourceSliceCount: 1 } }),
    ],
    claims: [{ requests: [one()] }],
    want: 'r=b',
  },
  {
    name: 'the best way that there is',
    slices: [slice('s', [sized('small', 16)])],
    claims: [
      {
        requests: [
          {
            name: 'r',
            firstAvailable: [
              { name: 'big', ...exactly(choosing(memory(40))) },
              { name: 'small', ...exactly(choosing(memory(8))) },
            ],
          },
        ],
      },
    ],
    want: 'r/small=small',
  },
  {
    name: 'devices that match',
    slices: [
      slice('s', [
        { name: 'a', attributes: { numa: { int: 0 } } },
        { name: 'b', attributes: { numa: { int: 1 } } },
        { name: 'c', attributes: { numa: { int: 1 } } },
      ]),
    ],
    claims: [{ requests: [one({ count: 2 })], constraints: [{ matchAttribute: `${driver}/numa` }] }],
    want: 'r=b r=c',
  },
  {
    name: 'devices that differ',
    slices: [
      slice('s', [
        { name: 'a', attributes: { numa: { int: 0 } } },
        { name: 'b', attributes: { numa: { int: 0 } } },
        { name: 'c', attributes: { numa: { int: 1 } } },
      ]),
    ],
    claims: [{ requests: [one({ count: 2 })], constraints: [{ distinctAttribute: `${driver}/numa` }] }],
    want: 'r=a r=c',
  },
  {
    name: 'taints are tolerated, or not',
    slices: [slice('s', [{ name: 'a', taints: [{ key: 'k', value: 'v', effect: 'NoExecute' }] }, ...devices('b')])],
    claims: [
      { requests: [one()] },
      { requests: [one({ tolerations: [{ key: 'k', operator: 'Equal', value: 'v' }] })] },
    ],
    want: 'r=b; r=a',
  },
  {
    name: 'parts of one thing share its counters',
    slices: [
      slice('counters', [], {
        devices: undefined,
        sharedCounters: [{ name: 'gpu', counters: { memory: { value: '40Gi' } } }],
        pool: { name: 'pool', generation: 1, resourceSliceCount: 2 },
      } as never),
      slice(
        'parts',
        ['a', 'b', 'c'].map((name) => ({
          name,
          consumesCounters: [{ counterSet: 'gpu', counters: { memory: { value: '20Gi' } } }],
        })),
        { pool: { name: 'pool', generation: 1, resourceSliceCount: 2 } },
      ),
    ],
    claims: [{ requests: [one()] }, { requests: [one()] }],
    taken: [{ driver, pool: 'pool', device: 'a' }],
    want: 'cannot allocate all claims',
  },
  {
    name: 'shares of a device, in the steps that it has',
    slices: [slice('s', [shareable('a', '8Gi')])],
    claims: [
      { requests: [one({ capacity: { requests: { memory: '2500Mi' } } })] },
      { requests: [one({ capacity: { requests: { memory: '4Gi' } } })] },
    ],
    taken: [{ driver, pool: 'pool', device: 'a', shareID: 'x', consumedCapacity: { memory: '1Gi' } }],
    want: 'r=a(memory 3Gi); r=a(memory 4Gi)',
  },
  {
    name: 'more shares than there are',
    slices: [slice('s', [shareable('a', '8Gi')])],
    claims: [{ requests: [one({ capacity: { requests: { memory: '8Gi' } } })] }],
    taken: [{ driver, pool: 'pool', device: 'a', shareID: 'x', consumedCapacity: { memory: '1Gi' } }],
    want: 'cannot allocate all claims',
  },
  {
    name: 'devices of other nodes are out of reach',
    slices: [
      slice('s', [], {
        nodeName: undefined,
        perDeviceNodeSelection: true,
        devices: [
          { name: 'a', nodeName: 'm' },
          {
            name: 'b',
            nodeSelector: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['a'] }] }],
            },
          },
        ],
      } as never),
    ],
    claims: [{ requests: [one()] }],
    want: 'r=b',
  },
  {
    name: 'a pool with the same device twice',
    slices: [slice('s', devices('a', 'a'))],
    claims: [{ requests: [one()] }],
    want: 'invalid resource pools were encountered',
  },
  {
    name: 'more than a claim may have',
    slices: [],
    claims: [{ requests: [one({ count: 20 }), one({ count: 20 }, 'q')] }],
    want: 'claim default/c0: number of requested devices 40 exceeds the claim limit of 32',
  },
  {
    name: 'more ways to try than there is time for, most of them left at once',
    slices: [
      slice(
        's',
        many(1000, (i) => ({ kind: { int: i % 2 } })),
      ),
    ],
    claims: [{ requests: [one({ count: 3 }), one({ count: 3 }, 'q')], constraints: [distinct('kind', 'q')] }],
    want: 'node n: timed out trying to allocate devices',
  },
  {
    name: 'expressions that take longer than there is time for',
    slices: [slice('s', many(1000))],
    claims: [{ requests: [one({ selectors: Array.from({ length: 32 }, () => choosing(costly).selectors[0]) })] }],
    want: 'node n: timed out trying to allocate devices',
  },
  {
    name: 'counters that are never enough, of a thousand devices',
    slices: [
      slice('counters', [], { sharedCounters: [{ name: 'set', counters: { slots: { value: '1' } } }], ...ofTwo }),
      slice(
        's',
        many(1000, () => ({}), { consumesCounters: [{ counterSet: 'set', counters: { slots: { value: '1' } } }] }),
        ofTwo,
      ),
    ],
    claims: [{ requests: [one({ count: 2 })] }],
    want: 'node n: timed out trying to allocate devices',
  },
  {
    name: 'a class that is not there',
    slices: [],
    claims: [{ requests: [one({ deviceClassName: 'none' })] }],
    want: 'request r: device class none does not exist',
  },
];

for (const { name, slices, claims, taken, want } of rows)
  test(`devices are found: ${name}`, () => {
    const state = stateOf(slices, claims, taken);
    assert.equal(found(state, claims.length), want);
  });

function stateOf(
  slices: readonly ResourceSlice[],
  claims: readonly DeviceClaim[],
  taken: readonly object[] = [],
): DeviceState {
  const state = new DeviceState();
  state.classes.set('any', { metadata: { name: 'any' }, spec: {} });
  for (const one of slices) state.setSlice(one);
  const other = { allocation: { devices: { results: taken } } } as ResourceClaim['status'];
  state.setClaim({ metadata: { name: 'other', namespace: 'default', uid: 'o' }, spec: {}, status: other });
  for (const [i, wanted] of claims.entries())
    state.setClaim({ metadata: { name: `c${i}`, namespace: 'default', uid: `u${i}` }, spec: { devices: wanted } });
  return state;
}

const podWith = (claims: number) => {
  const names = Array.from({ length: claims }, (_, i) => `c${i}`);
  return infoOf({ spec: { resourceClaims: names.map((name) => ({ name, resourceClaimName: name })) } });
};

function found(state: DeviceState, claims: number): string {
  const wanted = podDevices(podWith(claims), state);
  if (typeof wanted === 'string') return wanted;
  try {
    const grants = grantsOn(wanted, node, state);
    if ('fits' in grants) return grants.reasons.join();
    return grants.map((all) => all.map(text).join(' ')).join('; ');
  } catch (error) {
    return (error as Error).message;
  }
}

function text({ alternative, one: { device }, share }: Grant): string {
  const parts = [...(share ?? [])].map(
    ([name, { unscaled, scale }]) => `${name} ${Number(unscaled) / 2 ** 30 / 10 ** scale}Gi`,
  );
  return `${alternative.name}=${device.name}${parts.length > 0 ? `(${parts.join()})` : ''}`;
}

test('what is promised to one pod no other gets, until the claim has it or will not get it', () => {
  const state = stateOf([slice('s', devices('a', 'b'))], [{ requests: [one()] }, { requests: [one()] }]);
  const pod = podWith(1);
  const wanted = podDevices(pod, state);
  assert.ok(typeof wanted !== 'string');
  const grants = grantsOn(wanted, node, state);
  assert.ok(!('fits' in grants));
  const [plan] = planDevices(pod, wanted, grants, node, new SeededRandom(1));
  assert.deepEqual(plan!.allocation, {
    devices: { results: [{ request: 'r', driver, pool: 'pool', device: 'a' }] },
    nodeSelector: { nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n'] }] }] },
  });
  state.promise(plan!.claim, plan!.allocation!);
  assert.equal(found(state, 2), 'resource claim default/c0 is in the process of being allocated');
  state.unpromise(plan!.claim);
  assert.equal(found(state, 2), 'r=a; r=b');
});

test('an allocation tells drivers what class and claim say, as far as it is about what was served', () => {
  const state = stateOf([slice('s', devices('a'))], []);
  const opaque = (of: string) => ({ opaque: { driver, parameters: { of } } });
  state.classes.set('any', { metadata: { name: 'any' }, spec: { config: [opaque('class')] } });
  const requests = [
    {
      name: 'r',
      firstAvailable: [
        { name: 'x', ...exactly() },
        { name: 'y', ...exactly() },
      ],
    },
  ];
  const config = [opaque('all'), { requests: ['r/x'], ...opaque('x') }, { requests: ['r/y'], ...opaque('y') }];
  state.setClaim({ metadata: { name: 'c0', namespace: 'default', uid: 'u' }, spec: { devices: { requests, config } } });
  const pod = podWith(1);
  const wanted = podDevices(pod, state);
  assert.ok(typeof wanted !== 'string');
  const grants = grantsOn(wanted, node, state);
  assert.ok(!('fits' in grants));
  const [plan] = planDevices(pod, wanted, grants, node, new SeededRandom(1));
  assert.deepEqual(plan!.allocation!.devices!.config, [
    { source: 'FromClass', requests: ['r/x'], ...opaque('class') },
    { source: 'FromClaim', ...opaque('all') },
    { source: 'FromClaim', requests: ['r/x'], ...opaque('x') },
  ]);
});
