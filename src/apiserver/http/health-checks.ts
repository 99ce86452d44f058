/** One named part of the server's health. */
export interface HealthCheck {
  readonly name: string;
  /** `undefined` when well, or what is wrong. */
  check(): string | undefined;
}

/** By the pages that tell them. */
export interface HealthChecks {
  readonly healthz: readonly HealthCheck[];
  readonly livez: readonly HealthCheck[];
  readonly readyz: readonly HealthCheck[];
}

/** Plugins that keep keys, which may be others at any time. */
export type KeyServices = () => readonly { readonly problem: string | undefined }[];

/** What upstream's server does after it has begun to listen, and this one before. In upstream's order. */
const doneAtStart = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'start-system-namespaces-controller',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
].map((hook): HealthCheck => well(`poststarthook/${hook}`));

/**
 * The checks under the names that clients ask upstream's server for. The store is `etcd`, whatever it is; what is loaded
 * and done before the first request is answered is well from then on.
 */
export function healthChecks(
  problemOfStore: () => string | undefined,
  kms: KeyServices = () => [],
  problemOfServing: () => string | undefined = () => undefined,
): HealthChecks {
  const always = () => [well('ping'), well('log'), { name: 'etcd', check: problemOfStore }, ...keyServices(kms)];
  const alive = () => [...always(), ...doneAtStart];
  const ready = [{ name: 'etcd-readiness', check: problemOfStore }, well('informer-sync')];
  return {
    get healthz() {
      return alive();
    },
    get livez() {
      return alive();
    },
    get readyz() {
      return [...always(), ...ready, ...doneAtStart, { name: 'shutdown', check: problemOfServing }];
    },
  };
}

/** All plugins that keep keys are one check. */
function keyServices(kms: KeyServices): HealthCheck[] {
  if (kms().length === 0) return [];
  const problems = () =>
    kms().flatMap(({ problem }, at) => (problem === undefined ? [] : [`kms-provider-${at}: ${problem}`]));
  return [{ name: 'kms-providers', check: () => problems().join(', ') || undefined }];
}

function well(name: string): HealthCheck {
  return { name, check: () => undefined };
}
