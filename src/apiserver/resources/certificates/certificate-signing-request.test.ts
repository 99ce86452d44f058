import assert from 'node:assert/strict';
import { test } from 'node:test';
import { minimalObject } from '../../../../test/kit/minimal-objects.ts';
import { CertificateSigningRequests, type CertificateSigningRequest } from '../../../api/certificates/v1/types.ts';
import { fieldErrorText } from '../../../apimachinery/validation.ts';
import { testContext } from '../../testing/context.ts';
import { complaintsAbout, writer } from '../../testing/definition.ts';
import { certificateSigningRequest } from './certificate-signing-request.ts';

const { spec } = minimalObject(CertificateSigningRequests, 'it') as CertificateSigningRequest;

const signer = 'spec.signerName: Invalid value:';
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const names: Readonly<Record<string, readonly string[]>> = {
  'example.com/a': [],
  'example.com/space.name': [],
  '': ['spec.signerName: Required value'],
  nobody: [`${signer} "nobody": must be a fully qualified domain and path of the form 'example.com/signer-name'`],
  'example.com/a/b': [
    `${signer} "example.com/a/b": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
  ],
  'example/a': [`${signer} "example": should be a domain with at least two segments separated by dots`],
  'Example.com/a': [`${signer} "Example.com": validating label "Example": ${label}`],
  'kubernetes.io/legacy-unknown': [
    `${signer} "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version`,
  ],
};
for (const [signerName, complaints] of Object.entries(names))
  test(`the signer ${JSON.stringify(signerName)}`, () =>
    assert.deepEqual(complaintsAbout(certificateSigningRequest, { spec: { ...spec, signerName } }), complaints));

type Conditions = readonly { readonly type?: string; readonly status?: string; readonly reason?: string }[];
const approved = { type: 'Approved', status: 'True' };
const denied = { type: 'Denied', status: 'True' };
const failed = { type: 'Failed', status: 'True' };
const certificate = Buffer.from('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n').toString('base64');
const problem =
  'status.certificate: Invalid value: "<certificate data>": found CERTIFICATE PEM block containing 0 certificates';

const changes: readonly [
  what: string,
  old: { conditions?: Conditions; certificate?: string },
  now: { conditions?: Conditions; certificate?: string },
  complaints: { approval: string[]; status: string[] },
][] = [
  [
    'approved',
    {},
    { conditions: [approved] },
    {
      approval: [],
      status: ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'],
    },
  ],
  ['failed', { conditions: [approved] }, { conditions: [approved, failed] }, { approval: [], status: [] }],
  [
    'approved and denied',
    { conditions: [approved] },
    { conditions: [approved, denied] },
    {
      approval: [
        'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
      ],
      status: [
        'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
        'status.conditions: Forbidden: updates may not add a condition of type "Denied"',
      ],
    },
  ],
  [
    'no longer denied',
    { conditions: [denied] },
    {},
    {
      approval: ['status.conditions: Forbidden: updates may not remove a condition of type "Denied"'],
      status: ['status.conditions: Forbidden: updates may not remove a condition of type "Denied"'],
    },
  ],
  [
    'approved by false',
    {},
    { conditions: [{ type: 'Approved', status: 'False' }] },
    {
      approval: ['status.conditions[0].status: Unsupported value: "False": supported values: "True"'],
      status: [
        'status.conditions[0].status: Unsupported value: "False": supported values: "True"',
        'status.conditions: Forbidden: updates may not add a condition of type "Approved"',
      ],
    },
  ],
  [
    'half a condition',
    {},
    { conditions: [{}, {}] },
    {
      approval: [],
      status: [
        'status.conditions[0].type: Required value',
        'status.conditions[0].status: Required value',
        'status.conditions[1].type: Required value',
        'status.conditions[1].status: Required value',
        'status.conditions[1].type: Duplicate value: ""',
      ],
    },
  ],
  [
    'signed',
    {},
    { certificate },
    {
      approval: [problem, 'status.certificate: Forbidden: updates may not set certificate content'],
      status: [problem],
    },
  ],
  [
    'signed again',
    { certificate: 'eA==' },
    { certificate },
    {
      approval: [problem, 'status.certificate: Forbidden: updates may not set certificate content'],
      status: [problem, 'status.certificate: Forbidden: updates may not modify existing certificate content'],
    },
  ],
];
for (const [what, old, now, complaints] of changes)
  test(`a request that is ${what}`, () => {
    const with_ = (status: object) =>
      ({ metadata: { name: 'it' }, spec, status }) as unknown as CertificateSigningRequest;
    const errors = certificateSigningRequest.strategy.status!.validate!(with_(now), with_(old), writer());
    assert.deepEqual(errors.map(fieldErrorText), complaints.status);
    if (complaints.approval.length === 0 && complaints.status.length > 2) return;
    const { validate } = certificateSigningRequest.subresources!.updates!['approval']!;
    assert.deepEqual(validate!(with_(now), with_(old)).map(fieldErrorText), complaints.approval);
  });

test('who only signs leaves what approvers said as it is', () => {
  const { context } = testContext();
  const stored = { ...approved, reason: 'Seen', lastUpdateTime: '2030-01-01T00:00:00Z' };
  const old = { metadata: { name: 'it' }, spec, status: { conditions: [stored] } };
  const draft = structuredClone({ ...old, status: { conditions: [{ ...failed }, { ...approved, reason: 'Lie' }] } });
  certificateSigningRequest.strategy.status!.prepareForUpdate!(draft as never, old as never, context);
  const [first, second] = (draft as unknown as CertificateSigningRequest).status!.conditions!;
  assert.deepEqual(
    [first!.type, typeof first!.lastUpdateTime, typeof first!.lastTransitionTime],
    ['Failed', 'string', 'string'],
  );
  assert.deepEqual([second!.reason, second!.lastUpdateTime], ['Seen', '2030-01-01T00:00:00Z']);
});
