import { isAllowedSeccomp, seccompProfile } from './baseline-checks.ts';
import { badValues, containersOf, named, plural, quoted, sorted, type PodLike, type Violation } from './violations.ts';

type Look = (pod: PodLike) => Violation | undefined;

export const allowPrivilegeEscalation: Look = ({ spec }) => {
  const names = containersOf(spec)
    .filter(({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false)
    .map(({ name }) => name);
  if (names.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${named('container', names)} must set securityContext.allowPrivilegeEscalation=false`,
  };
};

export const capabilitiesRestricted: Look = (pod) => {
  const keeping = containersOf(pod.spec)
    .filter(({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'))
    .map(({ name }) => name);
  const adding = badValues<string>(
    pod,
    () => [],
    ({ capabilities }) => (capabilities?.add ?? []).filter((one) => one !== 'NET_BIND_SERVICE'),
  );
  const details: string[] = [];
  if (keeping.length > 0)
    details.push(`${named('container', keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  if (adding !== undefined)
    details.push(`${adding.who} must not include ${quoted(sorted(adding.values))} in securityContext.capabilities.add`);
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const usualVolumes = new Set(
  'configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret'.split(' '),
);

export const restrictedVolumes: Look = ({ spec }) => {
  const typesOf = (volume: object): string[] => Object.keys(volume).filter((part) => part !== 'name');
  const bad = (spec.volumes ?? []).filter((volume) => !typesOf(volume).some((type) => usualVolumes.has(type)));
  if (bad.length === 0) return undefined;
  const types = sorted(bad.map((volume) => typesOf(volume)[0] ?? 'unknown'));
  const names = bad.map(({ name }) => name);
  const verb = plural('uses', 'use', names.length);
  const what = plural('restricted volume type', 'restricted volume types', types.length);
  return { reason: 'restricted volume types', detail: `${named('volume', names)} ${verb} ${what} ${quoted(types)}` };
};

export const runAsNonRoot: Look = (pod) => {
  const reason = 'runAsNonRoot != true';
  const found = badValues(
    pod,
    ({ runAsNonRoot: is }) => (is === false ? [is] : []),
    ({ runAsNonRoot: is }) => (is === false ? [is] : []),
  );
  if (found !== undefined) return { reason, detail: `${found.who} must not set securityContext.runAsNonRoot=false` };
  if (pod.spec.securityContext?.runAsNonRoot === true) return undefined;
  const silent = containersOf(pod.spec)
    .filter(({ securityContext }) => securityContext?.runAsNonRoot === undefined)
    .map(({ name }) => name);
  if (silent.length === 0) return undefined;
  return { reason, detail: `pod or ${named('container', silent)} must set securityContext.runAsNonRoot=true` };
};

export const runAsUser: Look = (pod) => {
  const found = badValues(
    pod,
    ({ runAsUser: user }) => (user === 0 ? [user] : []),
    ({ runAsUser: user }) => (user === 0 ? [user] : []),
  );
  return found && { reason: 'runAsUser=0', detail: `${found.who} must not set runAsUser=0` };
};

export const seccompProfileRestricted: Look = (pod) => {
  const bad = seccompProfile(pod);
  if (bad !== undefined) return bad;
  const ofPod = pod.spec.securityContext?.seccompProfile;
  if (ofPod !== undefined && isAllowedSeccomp(ofPod.type)) return undefined;
  const silent = containersOf(pod.spec)
    .filter(({ securityContext }) => securityContext?.seccompProfile === undefined)
    .map(({ name }) => name);
  if (silent.length === 0) return undefined;
  const rule = 'must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"';
  return { reason: 'seccompProfile', detail: `pod or ${named('container', silent)} ${rule}` };
};
