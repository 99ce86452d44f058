import { dnsLabel, dnsSubdomain } from '../apimachinery/names.ts';
import { fields, list, oneOf, text, type Reader } from './config-reader.ts';

/** What a cluster's API server demands of what is written to it, where that can be chosen. */
export interface AdmissionSettings {
  /** Whether Services may have external IPs, with which they can take what is meant for others (default: not). */
  readonly allowExternalIps?: boolean;
  readonly podSecurity?: PodSecuritySettings;
}

/** The usual demands on pods (default: what labels of namespaces demand), and who need not care. */
interface PodSecuritySettings {
  readonly defaults?: Readonly<Record<Mode, Demand>>;
  readonly exemptNamespaces?: readonly string[];
  readonly exemptUsers?: readonly string[];
  readonly exemptRuntimeClasses?: readonly string[];
}

/** `minor`: by the rules of which version of Kubernetes 1 (default: the newest). */
interface Demand {
  readonly level: Level;
  readonly minor?: number;
}

const modes = ['enforce', 'audit', 'warn'] as const;
type Mode = (typeof modes)[number];
const levels = ['privileged', 'baseline', 'restricted'] as const;
type Level = (typeof levels)[number];

/** The names of Kubernetes' own configuration of this plugin (pod-security.admission.config.k8s.io/v1). */
interface PodSecurityFields {
  defaults: Partial<Record<Mode, Level> & Record<`${Mode}-version`, string>>;
  exemptions: Partial<Record<'usernames' | 'namespaces' | 'runtimeClasses', string[]>>;
}

const level = oneOf(...levels);
const version = text((value) =>
  value === 'latest' || /^v1\.(0|[1-9]\d{0,3})$/.test(value) ? [] : ['must be latest or a version such as v1.30'],
);
const readers = fields<{ allowExternalIPs: boolean; podSecurity: Partial<PodSecurityFields> }>({
  allowExternalIPs: oneOf(true, false),
  podSecurity: fields<PodSecurityFields>({
    defaults: fields({
      enforce: level,
      'enforce-version': version,
      audit: level,
      'audit-version': version,
      warn: level,
      'warn-version': version,
    }),
    exemptions: fields({
      usernames: list(text()),
      namespaces: list(text(dnsLabel)),
      runtimeClasses: list(text(dnsSubdomain)),
    }),
  }),
});

/** Reads the field `admission` of a configuration. */
export const admissionSettings: Reader<AdmissionSettings> = (value, path, findings) => {
  const read = readers(value, path, findings);
  if (read === undefined) return undefined;
  const { allowExternalIPs, podSecurity } = read;
  return {
    ...(allowExternalIPs !== undefined && { allowExternalIps: allowExternalIPs }),
    ...(podSecurity !== undefined && { podSecurity: podSecurityOf(podSecurity) }),
  };
};

function podSecurityOf({ defaults, exemptions = {} }: Partial<PodSecurityFields>): PodSecuritySettings {
  const { namespaces, usernames, runtimeClasses } = exemptions;
  const demand = (mode: Mode): Demand => {
    const [, minor] = /^v1\.(\d+)$/.exec(defaults?.[`${mode}-version`] ?? '') ?? [];
    return { level: defaults?.[mode] ?? 'privileged', ...(minor !== undefined && { minor: Number(minor) }) };
  };
  return {
    ...(defaults !== undefined && {
      defaults: { enforce: demand('enforce'), audit: demand('audit'), warn: demand('warn') },
    }),
    ...(namespaces !== undefined && { exemptNamespaces: namespaces }),
    ...(usernames !== undefined && { exemptUsers: usernames }),
    ...(runtimeClasses !== undefined && { exemptRuntimeClasses: runtimeClasses }),
  };
}
