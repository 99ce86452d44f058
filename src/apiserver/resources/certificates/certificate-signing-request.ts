import {
  CertificateSigningRequests,
  type CertificateSigningRequest,
  type CertificateSigningRequestCondition,
} from '../../../api/certificates/v1/types.ts';
import { humanDuration } from '../../../apimachinery/duration.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import { forbidden, invalid, type FieldError } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkConditions } from './conditions.ts';
import { checkSpec } from './spec.ts';
import { certificateProblem } from '../../auth/signing-request.ts';

/** Types that stay once they are there, and those of them that only approvers write. */
const lasting = ['Approved', 'Denied', 'Failed'];
const ofApprovers = ['Approved', 'Denied'];

/** Somebody's request for a certificate: others approve it, and yet others sign it. */
export const certificateSigningRequest: ResourceDefinition<CertificateSigningRequest> = {
  type: CertificateSigningRequests,

  strategy: {
    hasGeneration: false,
    nameRule: () => [],
    ignores: ['spec'],

    /** Who asks is what signers go by: the server writes that down, whatever the request says. */
    prepareForCreate(draft, _context, { name, uid, groups, extra }) {
      const { username: _username, uid: _uid, groups: _groups, extra: _extra, ...spec } = draft.spec ?? {};
      draft.spec = {
        ...spec,
        username: name,
        ...(uid && { uid }),
        ...(groups.length > 0 && { groups: [...groups] }),
        ...(extra && Object.keys(extra).length > 0 && { extra: structuredClone(extra) as Record<string, string[]> }),
      };
      draft.status = {};
    },

    prepareForUpdate(draft, old) {
      draft.spec = old.spec;
    },

    validate: (object, old) => errorsOf(object, old, 'nothing'),

    status: {
      prepareForUpdate(draft, old, { clock }) {
        for (const type of ofApprovers) keepConditions(draft, old, type);
        fillTimes(draft, old, clock.now());
      },
      validate: (object, old) => errorsOf(object, old, 'certificate'),
    },
  },

  subresources: {
    updates: {
      approval: {
        ignores: ['spec', 'status.certificate'],
        writesMetadata: true,
        apply(draft, { status }, { clock }) {
          const old = structuredClone(draft);
          const { conditions, ...rest } = draft.status ?? {};
          draft.status = { ...rest, ...(status?.conditions && { conditions: structuredClone(status.conditions) }) };
          fillTimes(draft, old, clock.now());
        },
        validate: (object, old) => errorsOf(object, old, 'approval'),
      },
    },
  },

  selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      ageOf(object, now),
      object.spec.signerName || '<none>',
      object.spec.username ?? '',
      object.spec.expirationSeconds === undefined ? '<none>' : humanDuration(object.spec.expirationSeconds * 1000),
      conditionText(object),
    ],
  },
};

function conditionText({ status = {} }: Readonly<CertificateSigningRequest>): string {
  const has = (type: string) => status.conditions?.some((condition) => condition.type === type) === true;
  const decided = has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending';
  return `${decided}${has('Failed') ? ',Failed' : ''}${status.certificate ? ',Issued' : ''}`;
}

/** `writes`: what of the status the endpoint has a say in. */
function errorsOf(
  object: Readonly<CertificateSigningRequest>,
  old: Readonly<CertificateSigningRequest> | undefined,
  writes: 'nothing' | 'certificate' | 'approval',
): FieldError[] {
  const errors: Errors = [];
  checkSpec(errors, object.spec);
  checkConditions(errors, object.status?.conditions ?? []);
  const { certificate } = object.status ?? {};
  const problem = certificate ? certificateProblem(Buffer.from(certificate, 'base64').toString('latin1')) : undefined;
  if (problem !== undefined) errors.push(invalid('status.certificate', '<certificate data>', problem));
  if (old === undefined) return errors;

  const changed = (what: string) => errors.push(forbidden('status.conditions', `updates may not ${what}`));
  for (const type of lasting)
    if (ofType(object, type).length < ofType(old, type).length) changed(`remove a condition of type "${type}"`);
  for (const type of writes === 'approval' ? [] : ofApprovers) {
    const [now, before] = [ofType(object, type), ofType(old, type)];
    if (now.length > before.length) changed(`add a condition of type "${type}"`);
    else if (now.length === before.length && !semanticEqual(now, before))
      changed(`modify a condition of type "${type}"`);
  }
  const oldCertificate = old.status?.certificate ?? '';
  if ((certificate ?? '') !== oldCertificate) {
    if (writes !== 'certificate')
      errors.push(forbidden('status.certificate', 'updates may not set certificate content'));
    else if (oldCertificate !== '')
      errors.push(forbidden('status.certificate', 'updates may not modify existing certificate content'));
  }
  return errors;
}

function ofType(
  { status }: Readonly<CertificateSigningRequest>,
  type: string,
): readonly CertificateSigningRequestCondition[] {
  return status?.conditions?.filter((condition) => condition.type === type) ?? [];
}

/** What others say in the conditions of a type does not count, as long as there are as many. */
function keepConditions(
  draft: CertificateSigningRequest,
  old: Readonly<CertificateSigningRequest>,
  type: string,
): void {
  const kept = ofType(old, type);
  if (kept.length === 0 || ofType(draft, type).length !== kept.length) return;
  let next = 0;
  draft.status!.conditions = draft.status!.conditions!.map((one) => (one.type === type ? { ...kept[next++]! } : one));
}

function fillTimes(draft: CertificateSigningRequest, old: Readonly<CertificateSigningRequest>, now: number): void {
  for (const condition of draft.status?.conditions ?? []) {
    condition.lastUpdateTime ??= rfc3339(now);
    condition.lastTransitionTime ??=
      ofType(old, condition.type).find((one) => one.status === condition.status && one.lastTransitionTime)
        ?.lastTransitionTime ?? rfc3339(now);
  }
}
