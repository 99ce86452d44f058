import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pods } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { testContext } from '../testing/context.ts';
import type { AdmissionRequest } from './admission.ts';
import { runtimeClass } from './runtime-class.ts';

const sandbox = {
  kind: 'RuntimeClass',
  metadata: { name: 'sandbox' },
  handler: 'gvisor',
  overhead: { podFixed: { cpu: '10m' } },
} as unknown as KubeObject;
const other = `pods "it" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead`;

const rows: { name: string; overhead: Record<string, string> | undefined; want: string | undefined }[] = [
  { name: 'that of its class, said in another way', overhead: { cpu: '0.01' }, want: undefined },
  { name: 'another one than that of its class', overhead: { cpu: '1' }, want: other },
  { name: 'more than that of its class', overhead: { cpu: '10m', memory: '1Mi' }, want: other },
  { name: 'none, though its class has one', overhead: undefined, want: other },
];

for (const { name, overhead, want } of rows)
  test(`behind mutation, a pod has an overhead: ${name}`, () => {
    const { context } = testContext({ objects: [sandbox] });
    const object = { metadata: { name: 'it' }, spec: { containers: [], runtimeClassName: 'sandbox', overhead } };
    const request = { operation: 'CREATE', type: Pods, name: 'it', object } as unknown as AdmissionRequest;
    const validate = () => runtimeClass.validate!(request, context);
    if (want === undefined) assert.doesNotThrow(validate);
    else assert.throws(validate, { message: want });
  });
