import type { ObjectMeta } from '../../../../apimachinery/object.ts';
import type { AppArmorProfile, PodSpec, SeccompProfile } from '../../../../api/core/v1/types.ts';
import { forbidden, invalid } from '../../../../apimachinery/validation.ts';
import type { Errors } from '../../checks.ts';
import { checkRelativePath } from './paths.ts';
import { visitContainers } from './visit.ts';

export const mirrorPod = 'kubernetes.io/config.mirror';
export const appArmorPrefix = 'container.apparmor.security.beta.kubernetes.io/';
export const seccompPod = 'seccomp.security.alpha.kubernetes.io/pod';
export const seccompPrefix = 'container.seccomp.security.alpha.kubernetes.io/';
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost';

type Meta = Readonly<Pick<Partial<ObjectMeta>, 'annotations'>>;

/** Annotations that mean something for pods, in a pod or in a template. */
export function checkPodAnnotations(errors: Errors, { annotations }: Meta, spec: PodSpec, field: string): void {
  if (annotations === undefined) return;
  const mirrored = annotations[mirrorPod];
  if (mirrored !== undefined && !spec.nodeName)
    errors.push(invalid(`${field}[${mirrorPod}]`, mirrored, 'must set spec.nodeName if mirror pod annotation is set'));
  const cost = annotations[deletionCost];
  if (cost !== undefined && !isDeletionCost(cost))
    errors.push(invalid(`${field}[${deletionCost}]`, cost, 'must be a 32bit integer'));
  for (const [key, value] of Object.entries(annotations)) {
    if (key === seccompPod || key.startsWith(seccompPrefix)) checkSeccompText(errors, value, `${field}.${key}`);
    if (key.startsWith(appArmorPrefix)) checkAppArmorText(errors, key, value, spec, `${field}[${key}]`);
  }
}

/** No sign but a minus, no zeros in front. */
function isDeletionCost(text: string): boolean {
  return /^(?:0|-?[1-9]\d*)$/.test(text) && Math.abs(Number(text)) <= 2 ** 31 - (text.startsWith('-') ? 0 : 1);
}

function checkSeccompText(errors: Errors, profile: string, field: string): void {
  if (profile === 'runtime/default' || profile === 'docker/default' || profile === 'unconfined') return;
  if (profile.startsWith('localhost/')) checkRelativePath(errors, profile.slice('localhost/'.length), field);
  else errors.push(invalid(field, profile, 'must be a valid seccomp profile'));
}

function checkAppArmorText(errors: Errors, key: string, profile: string, spec: PodSpec, field: string): void {
  const name = key.slice(appArmorPrefix.length);
  let isThere = false;
  visitContainers(spec, '', (container) => (isThere ||= container.name === name));
  if (!isThere) errors.push(invalid(field, name, 'container not found'));
  const isKnown = profile === '' || profile === 'runtime/default' || profile === 'unconfined';
  if (!isKnown && !profile.startsWith('localhost/'))
    errors.push(invalid(field, profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`));
}

/** Where a profile stands both in an annotation and in a field, they must say the same. */
export function checkProfilesAgree(errors: Errors, { annotations }: Meta, spec: PodSpec, path: string): void {
  if (annotations === undefined) return;
  const ofPod = spec.securityContext;
  if (ofPod?.seccompProfile !== undefined)
    checkAgree(
      errors,
      'seccomp',
      annotations[seccompPod],
      ofPod.seccompProfile,
      `${path}.securityContext.seccompProfile`,
    );
  visitContainers(spec, path, ({ name, securityContext }, field) => {
    if (securityContext?.seccompProfile !== undefined)
      checkAgree(
        errors,
        'seccomp',
        annotations[seccompPrefix + name],
        securityContext.seccompProfile,
        `${field}.securityContext.seccompProfile`,
      );
  });
  if (spec.os?.name === 'windows') return;
  visitContainers(spec, path, ({ name, securityContext }, field) => {
    const profile = securityContext?.appArmorProfile ?? ofPod?.appArmorProfile;
    if (profile !== undefined)
      checkAgree(
        errors,
        'apparmor',
        annotations[appArmorPrefix + name],
        profile,
        `${field}.securityContext.appArmorProfile`,
      );
  });
}

function checkAgree(
  errors: Errors,
  what: 'seccomp' | 'apparmor',
  annotation: string | undefined,
  { type, localhostProfile }: SeccompProfile | AppArmorProfile,
  field: string,
): void {
  if (annotation === undefined) return;
  const isDefault = annotation === 'runtime/default' || (what === 'seccomp' && annotation === 'docker/default');
  const agrees =
    type === 'Unconfined'
      ? annotation === 'unconfined'
      : type === 'RuntimeDefault'
        ? isDefault
        : type !== 'Localhost' || annotation.startsWith('localhost/');
  if (!agrees) errors.push(forbidden(`${field}.type`, `${what} type in annotation and field must match`));
  else if (type === 'Localhost' && annotation.slice('localhost/'.length) !== localhostProfile)
    errors.push(forbidden(`${field}.localhostProfile`, `${what} profile in annotation and field must match`));
}

/** Annotations that may not change on a pod that exists. */
export function checkAnnotationUpdates(errors: Errors, meta: Meta, oldMeta: Meta, field: string): void {
  const { annotations = {} } = meta;
  const { annotations: old = {} } = oldMeta;
  for (const key of Object.keys(old)) {
    if (annotations[key] === old[key]) continue;
    if (key.startsWith(appArmorPrefix))
      errors.push(forbidden(`${field}[${key}]`, 'may not remove or update AppArmor annotations'));
    if (key === mirrorPod) errors.push(forbidden(`${field}[${key}]`, 'may not remove or update mirror pod annotation'));
  }
  for (const key of Object.keys(annotations)) {
    if (Object.hasOwn(old, key)) continue;
    if (key.startsWith(appArmorPrefix)) errors.push(forbidden(`${field}[${key}]`, 'may not add AppArmor annotations'));
    if (key === mirrorPod) errors.push(forbidden(`${field}[${key}]`, 'may not add mirror pod annotation'));
  }
}
