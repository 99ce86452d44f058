import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServerContext } from '../context.ts';
import type { Reply } from '../http/reply.ts';
import type { RequestContext } from '../request/context.ts';
import { Aggregator } from './aggregator.ts';
import type { RemoteApiService } from './aggregated-versions.ts';

test('the certificates for the connections to a server are read once', () => {
  const spec = { type: 'ExternalName', externalName: 'metrics.example.com' };
  const context = { lookup: () => ({ spec }) } as unknown as ServerContext;
  const service = { spec: { service: { namespace: 'kube-system', name: 'metrics' } } } as RemoteApiService;
  const aggregator = new Aggregator(context, undefined);
  const contexts = ['/a', '/b'].map((path) => aggregator.destination(service, path).secure?.secureContext);
  assert.ok(contexts[0] !== undefined);
  assert.equal(contexts[0], contexts[1]);
});

test('a server that has just gone is unavailable, though its APIService does not say so yet', async () => {
  const context = { lookup: () => undefined } as unknown as ServerContext;
  const answers: [number, string][] = [];
  const reply = {
    exchange: { target: '/apis/metrics.k8s.io/v1beta1/nodes' },
    text: (code: number, text: string) => void answers.push([code, text]),
  } as unknown as Reply;
  const request = { target: { path: reply.exchange.target } } as RequestContext;
  const service = {
    spec: { service: { namespace: 'kube-system', name: 'metrics' } },
    status: { conditions: [{ type: 'Available', status: 'True' }] },
  } as RemoteApiService;
  await new Aggregator(context, undefined).serve(reply, request, service);
  assert.deepEqual(answers, [[503, 'service unavailable\n']]);
});
