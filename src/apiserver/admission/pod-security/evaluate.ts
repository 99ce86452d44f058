import {
  appArmorProfile,
  capabilities,
  hostNamespaces,
  hostPathVolumes,
  hostPorts,
  hostsOfProbes,
  privileged,
  procMount,
  seccompAnnotations,
  seccompProfile,
  seLinuxOptions,
  seLinuxOptionsSince31,
  sysctls,
  windowsHostProcess,
} from './baseline-checks.ts';
import type { Demand } from './policy.ts';
import {
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompProfileRestricted,
} from './restricted-checks.ts';
import type { PodLike, Violation } from './violations.ts';

/** The newest version of which rules are known: what a later one says counts as this one. */
const newestMinor = 36;

type Look = (pod: PodLike) => Violation | undefined;

/** One rule, in its versions: each holds from a minor version on, until the next one. */
interface Check {
  readonly versions: readonly (readonly [number, Look])[];
  /** From this version on, the restricted level has a stricter rule for the same. */
  readonly replacedSince?: number;
}

const always = (look: Look): Check['versions'] => [[0, look]];

/** In the order in which messages name them. */
const baseline: readonly Check[] = [
  { versions: always(appArmorProfile) },
  { versions: always(capabilities), replacedSince: 22 },
  { versions: always(hostNamespaces) },
  { versions: always(hostPathVolumes), replacedSince: 0 },
  { versions: always(hostPorts) },
  { versions: [[34, hostsOfProbes]] },
  { versions: always(privileged) },
  {
    versions: [
      [0, procMount],
      [35, unlessOwnUsers(procMount)],
    ],
    replacedSince: 35,
  },
  {
    versions: [
      [0, seLinuxOptions],
      [31, seLinuxOptionsSince31],
    ],
  },
  {
    versions: [
      [0, seccompAnnotations],
      [19, seccompProfile],
    ],
    replacedSince: 19,
  },
  { versions: sysctls },
  { versions: always(windowsHostProcess) },
];

const restricted: readonly Check[] = [
  {
    versions: [
      [8, allowPrivilegeEscalation],
      [25, unlessWindows(allowPrivilegeEscalation)],
    ],
  },
  {
    versions: [
      [22, capabilitiesRestricted],
      [25, unlessWindows(capabilitiesRestricted)],
    ],
  },
  { versions: [[35, procMount]] },
  { versions: always(restrictedVolumes) },
  {
    versions: [
      [0, runAsNonRoot],
      [35, unlessOwnUsers(runAsNonRoot)],
    ],
  },
  {
    versions: [
      [23, runAsUser],
      [35, unlessOwnUsers(runAsUser)],
    ],
  },
  {
    versions: [
      [19, seccompProfileRestricted],
      [25, unlessWindows(seccompProfileRestricted)],
    ],
  },
];

/** Root of a pod with users of its own is nobody outside. */
function unlessOwnUsers(look: Look): Look {
  return (pod) => (pod.spec.hostUsers === false ? undefined : look(pod));
}

/** What does not exist on Windows need not be said there. */
function unlessWindows(look: Look): Look {
  return (pod) => (pod.spec.os?.name === 'windows' ? undefined : look(pod));
}

/** All that a pod does which the demand forbids. */
export function violationsOf(pod: PodLike, { level, minor = newestMinor }: Demand): Violation[] {
  if (level === 'privileged') return [];
  const at = Math.min(minor, newestMinor);
  const isRestricted = level === 'restricted';
  const checks = [
    ...baseline.filter(({ replacedSince = Infinity }) => !isRestricted || at < replacedSince),
    ...(isRestricted ? restricted : []),
  ];
  return checks
    .map(({ versions }) => versions.findLast(([since]) => since <= at)?.[1](pod))
    .filter((violation) => violation !== undefined);
}

/** `host namespaces (hostPID=true), privileged (…)` */
export function violationsText(violations: readonly Violation[]): string {
  return violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
}
