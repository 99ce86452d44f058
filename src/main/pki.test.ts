import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '../base/system-clock.ts';
import { systemRandom } from '../base/system-random.ts';
import { ensureServerPki } from './pki.ts';

test('what kubelets know the server by gives no rights at the server itself', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kubeling-pki-'));
  t.after(() => rm(folder, { recursive: true }));
  const names = { dnsNames: ['localhost'], addresses: ['127.0.0.1'] };
  const made = await ensureServerPki(folder, names, { clock: systemClock, random: systemRandom });
  assert.equal(new X509Certificate(made.kubeletClient.certificate).subject, 'CN=kube-apiserver-kubelet-client');
});
