import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods, Secrets, ServiceAccounts, type Secret } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import type { ClusterReader } from '../../reconciler/controller.ts';
import { planCleanup } from './legacy-token-cleaner.ts';

const namespace = 'shop';
const now = Date.parse('2030-06-01T12:00:00Z');
const lastUsed = (day: string) => ({ labels: { 'kubernetes.io/legacy-token-last-used': day } });
const invalidSince = (day: string) => ({ labels: { 'kubernetes.io/legacy-token-invalid-since': day } });

function readerOf(objects: ReadonlyMap<string, readonly KubeObject[]>): ClusterReader {
  const of = (kind: string) => objects.get(kind) ?? [];
  return {
    list: (type) => of(type.kind),
    get: (type, { name }) => of(type.kind).find(({ metadata }) => metadata.name === name),
  } as Partial<ClusterReader> as ClusterReader;
}

const rows: readonly {
  name: string;
  metadata?: Partial<Secret['metadata']>;
  secret?: Partial<Secret>;
  listed?: boolean;
  accountUid?: string;
  mounted?: boolean;
  want: 'kept' | 'marked' | 'deleted';
}[] = [
  { name: 'that was never used', want: 'marked' },
  { name: 'that was used a year and a day ago', metadata: lastUsed('2029-05-31'), want: 'marked' },
  { name: 'that was used a year ago', metadata: lastUsed('2029-06-01'), want: 'kept' },
  { name: 'whose last use cannot be read', metadata: lastUsed('last summer'), want: 'kept' },
  { name: 'that is younger than a year', metadata: { creationTimestamp: '2029-07-01T00:00:00Z' }, want: 'kept' },
  { name: 'that is being deleted', metadata: { deletionTimestamp: '2030-06-01T00:00:00Z' }, want: 'kept' },
  { name: 'that somebody made himself', listed: false, want: 'kept' },
  { name: 'of an account that was made anew', accountUid: 'new', want: 'kept' },
  { name: 'that a pod mounts', mounted: true, want: 'kept' },
  { name: 'of another type', secret: { type: 'Opaque' }, want: 'kept' },
  { name: 'that was marked less than a year ago', metadata: invalidSince('2029-06-01'), want: 'kept' },
  { name: 'that was marked more than a year ago', metadata: invalidSince('2029-05-31'), want: 'deleted' },
  { name: 'with a mark that cannot be read', metadata: invalidSince('soon'), want: 'marked' },
];

for (const { name, metadata, secret, listed = true, accountUid = 'u', mounted = false, want } of rows)
  test(`a token ${name} is ${want}`, () => {
    const token: Secret = {
      type: 'kubernetes.io/service-account-token',
      metadata: {
        name: 'robot-token-x',
        namespace,
        creationTimestamp: '2028-01-01T00:00:00Z',
        annotations: {
          'kubernetes.io/service-account.name': 'robot',
          'kubernetes.io/service-account.uid': 'u',
        },
        ...metadata,
      },
      ...secret,
    };
    const account = {
      metadata: { name: 'robot', namespace, uid: accountUid },
      secrets: listed ? [{ name: 'robot-token-x' }] : [],
    };
    const volumes = mounted ? [{ name: 'token', secret: { secretName: 'robot-token-x' } }] : [];
    const pod = { metadata: { name: 'p', namespace }, spec: { containers: [], volumes } };
    const reader = readerOf(
      new Map<string, readonly KubeObject[]>([
        [Secrets.kind, [token]],
        [ServiceAccounts.kind, [account]],
        [Pods.kind, [pod]],
      ]),
    );
    const { mark, remove } = planCleanup(reader, now);
    assert.equal(mark.length > 0 ? 'marked' : remove.length > 0 ? 'deleted' : 'kept', want);
  });
