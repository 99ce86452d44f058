import type { Container, LifecycleHandler, Probe } from '../../../api/core/v1/types.ts';
import {
  badValues,
  containersOf,
  named,
  plural,
  quoted,
  setters,
  sorted,
  type PodLike,
  type Violation,
} from './violations.ts';

type Look = (pod: PodLike) => Violation | undefined;

/** Names of the containers for which something holds. */
function containersWhere({ spec }: PodLike, is: (container: Readonly<Container>) => boolean): string[] {
  return containersOf(spec)
    .filter(is)
    .map(({ name }) => name);
}

const appArmorAnnotation = 'container.apparmor.security.beta.kubernetes.io/';

export const appArmorProfile: Look = (pod) => {
  const bad = (profile: { readonly type: string } | undefined): string[] =>
    profile === undefined || ['RuntimeDefault', 'Localhost'].includes(profile.type) ? [] : [profile.type];
  const found = badValues(
    pod,
    ({ appArmorProfile: profile }) => bad(profile),
    ({ appArmorProfile: profile }) => bad(profile),
  );
  const annotations = Object.entries(pod.annotations)
    .filter(([name, value]) => name.startsWith(appArmorAnnotation) && !isAllowedProfile(value))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .sort();
  if (found === undefined && annotations.length === 0) return undefined;
  const values = [...sorted(found?.values ?? []), ...annotations];
  const noted = annotations.length > 0 ? [plural('annotation', 'annotations', annotations.length)] : [];
  const who = [...(found === undefined ? [] : [found.who]), ...noted].join(' and ');
  return {
    reason: plural('forbidden AppArmor profile', 'forbidden AppArmor profiles', values.length),
    detail: `${who} must not set AppArmor profile type to ${quoted(values)}`,
  };
};

function isAllowedProfile(value: string): boolean {
  return value === '' || value === 'runtime/default' || value.startsWith('localhost/');
}

const usualCapabilities = new Set(
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  ),
);

export const capabilities: Look = (pod) => {
  const found = badValues<string>(
    pod,
    () => [],
    ({ capabilities: own }) => (own?.add ?? []).filter((one) => !usualCapabilities.has(one)),
  );
  return (
    found && {
      reason: 'non-default capabilities',
      detail: `${found.who} must not include ${quoted(sorted(found.values))} in securityContext.capabilities.add`,
    }
  );
};

export const hostNamespaces: Look = ({ spec }) => {
  const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((name) => spec[name] === true);
  return used.length === 0
    ? undefined
    : { reason: 'host namespaces', detail: used.map((name) => `${name}=true`).join(', ') };
};

export const hostPathVolumes: Look = ({ spec }) => {
  const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
  return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: named('volume', names) };
};

export const hostPorts: Look = (pod) => {
  const portsOf = ({ ports = [] }: Readonly<Container>): string[] =>
    ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []));
  const names = containersWhere(pod, (one) => portsOf(one).length > 0);
  if (names.length === 0) return undefined;
  const ports = sorted(containersOf(pod.spec).flatMap(portsOf));
  const verb = plural('uses', 'use', names.length);
  const what = plural('hostPort', 'hostPorts', ports.length);
  return { reason: 'hostPort', detail: `${named('container', names)} ${verb} ${what} ${ports.join(', ')}` };
};

export const hostsOfProbes: Look = (pod) => {
  const hosts = (one: Readonly<Probe> | Readonly<LifecycleHandler> | undefined): string[] =>
    [one?.httpGet?.host, one?.tcpSocket?.host].filter((host): host is string => !!host);
  const hostsOf = ({ livenessProbe, readinessProbe, startupProbe, lifecycle }: Readonly<Container>): string[] =>
    [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(hosts);
  const names = sorted(containersWhere(pod, (one) => hostsOf(one).length > 0));
  if (names.length === 0) return undefined;
  const all = sorted(containersOf(pod.spec).flatMap(hostsOf));
  const verb = plural('uses', 'use', names.length);
  const what = plural('probe or lifecycle host', 'probe or lifecycle hosts', all.length);
  return { reason: 'probe or lifecycle host', detail: `${named('container', names)} ${verb} ${what} ${quoted(all)}` };
};

export const privileged: Look = (pod) => {
  const names = containersWhere(pod, ({ securityContext }) => securityContext?.privileged === true);
  if (names.length === 0) return undefined;
  return { reason: 'privileged', detail: `${named('container', names)} must not set securityContext.privileged=true` };
};

export const procMount: Look = (pod) => {
  const found = badValues<string>(
    pod,
    () => [],
    ({ procMount: type }) => (type === undefined || type === 'Default' ? [] : [type]),
  );
  return (
    found && {
      reason: 'procMount',
      detail: `${found.who} must not set securityContext.procMount to ${quoted(sorted(found.values))}`,
    }
  );
};

const usualTypes = ['', 'container_t', 'container_init_t', 'container_kvm_t'];
const typesSince31 = [...usualTypes, 'container_engine_t'];

export const seLinuxOptions = seLinuxOptionsOf(usualTypes);
export const seLinuxOptionsSince31 = seLinuxOptionsOf(typesSince31);

function seLinuxOptionsOf(types: readonly string[]): Look {
  return (pod) => {
    const bad = (options: { type?: string; user?: string; role?: string } | undefined) => {
      const { type = '', user = '', role = '' } = options ?? {};
      const isBad = !types.includes(type) || user !== '' || role !== '';
      return isBad ? [{ type: types.includes(type) ? undefined : type, user, role }] : [];
    };
    const found = badValues(
      pod,
      ({ seLinuxOptions: options }) => bad(options),
      ({ seLinuxOptions: options }) => bad(options),
    );
    if (found === undefined) return undefined;
    const { who, values } = found;
    const badTypes = sorted(values.flatMap(({ type }) => (type === undefined ? [] : [type])));
    const parts = [
      ...(badTypes.length > 0 ? [named('type', badTypes)] : []),
      ...(values.some(({ user }) => user !== '') ? ['user may not be set'] : []),
      ...(values.some(({ role }) => role !== '') ? ['role may not be set'] : []),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${who} set forbidden securityContext.seLinuxOptions: ${parts.join('; ')}`,
    };
  };
}

const seccompOfPod = 'seccomp.security.alpha.kubernetes.io/pod';
const seccompOfContainer = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before there were fields, annotations said it. */
export const seccompAnnotations: Look = ({ annotations, spec }) => {
  const isAllowed = (value: string): boolean =>
    value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');
  const names = [seccompOfPod, ...containersOf(spec).map(({ name }) => seccompOfContainer + name)];
  const bad = names.filter((name) => annotations[name] !== undefined && !isAllowed(annotations[name]));
  if (bad.length === 0) return undefined;
  const shown = sorted(bad.map((name) => `${name}=${JSON.stringify(annotations[name])}`));
  const detail = `forbidden ${plural('annotation', 'annotations', shown.length)} ${shown.join(', ')}`;
  return { reason: 'seccompProfile', detail };
};

export function isAllowedSeccomp(type: string): boolean {
  return type === 'Localhost' || type === 'RuntimeDefault';
}

export const seccompProfile: Look = (pod) => {
  const bad = (profile: { readonly type: string } | undefined): string[] =>
    profile === undefined || isAllowedSeccomp(profile.type) ? [] : [profile.type];
  const found = badValues(
    pod,
    ({ seccompProfile: profile }) => bad(profile),
    ({ seccompProfile: profile }) => bad(profile),
  );
  return (
    found && {
      reason: 'seccompProfile',
      detail: `${found.who} must not set securityContext.seccompProfile.type to ${quoted(sorted(found.values))}`,
    }
  );
};

const safeSysctls = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
];
const since27 = [...safeSysctls, 'net.ipv4.ip_local_reserved_ports'];
const since29 = [
  ...since27,
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
];

/** By the first minor version in which these, and no others, are safe. */
export const sysctls: readonly (readonly [number, Look])[] = [
  [0, sysctlsBut(safeSysctls)],
  [27, sysctlsBut(since27)],
  [29, sysctlsBut(since29)],
  [32, sysctlsBut([...since29, 'net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem'])],
];

function sysctlsBut(safe: readonly string[]): Look {
  return ({ spec }) => {
    const bad = (spec.securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !safe.includes(name));
    return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', ') };
  };
}

export const windowsHostProcess: Look = (pod) => {
  const isHost = (context: { readonly windowsOptions?: { readonly hostProcess?: boolean } } | undefined): boolean =>
    context?.windowsOptions?.hostProcess === true;
  const names = containersWhere(pod, ({ securityContext }) => isHost(securityContext));
  const isPod = isHost(pod.spec.securityContext);
  if (!isPod && names.length === 0) return undefined;
  const detail = `${setters(isPod, names)} must not set securityContext.windowsOptions.hostProcess=true`;
  return { reason: 'hostProcess', detail };
};
