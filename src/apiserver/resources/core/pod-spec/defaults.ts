import type {
  Container,
  EphemeralContainer,
  HTTPGetAction,
  Lifecycle,
  PodSpec,
  PodTemplateSpec,
  Probe,
} from '../../../../api/core/v1/types.ts';
import { roundUpToMilli } from './quantities.ts';
import { defaultPullPolicy } from './image.ts';
import { volumeDefaults } from './volume-defaults.ts';

/** Fills what every pod spec gets, whether it stands in a pod or in a template. */
export function podSpecDefaults(spec: PodSpec): void {
  spec.containers ??= [];
  spec.restartPolicy ||= 'Always';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.securityContext ??= {};
  spec.schedulerName ||= 'default-scheduler';
  sameServiceAccountNames(spec);
  roundUpToMilli(spec.overhead);
  if (spec.resources !== undefined) {
    roundUpToMilli(spec.resources.limits);
    roundUpToMilli(spec.resources.requests);
  }
  if (spec.volumes !== undefined) for (const volume of spec.volumes) volumeDefaults(volume);
  // Features that are off in Kubernetes 1.36. What is frozen is stored, and was looked at before.
  if (spec.schedulingGroup !== undefined && !Object.isFrozen(spec)) delete spec.schedulingGroup;
  for (const container of spec.containers) containerDefaults(container);
  if (spec.initContainers !== undefined) for (const container of spec.initContainers) containerDefaults(container);
  if (spec.ephemeralContainers !== undefined)
    for (const container of spec.ephemeralContainers) containerDefaults(container);
}

export function podTemplateDefaults(template: PodTemplateSpec): void {
  template.metadata ??= {};
  template.spec ??= {} as PodSpec;
  podSpecDefaults(template.spec);
}

/** `serviceAccount` is the field's old name; both are kept and are the same, the newer one wins. */
function sameServiceAccountNames(spec: PodSpec): void {
  const name = spec.serviceAccountName || spec.serviceAccount;
  if (!name) return;
  spec.serviceAccountName = name;
  spec.serviceAccount = name;
}

function containerDefaults(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image);
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.resources ??= {};
  roundUpToMilli(container.resources.limits);
  roundUpToMilli(container.resources.requests);
  if (container.ports !== undefined) for (const port of container.ports) port.protocol ||= 'TCP';
  if (container.env !== undefined)
    for (const { valueFrom } of container.env) {
      if (valueFrom === undefined) continue;
      if (valueFrom.fieldRef !== undefined) valueFrom.fieldRef.apiVersion ||= 'v1';
      if (valueFrom.resourceFieldRef !== undefined) valueFrom.resourceFieldRef.divisor ??= '0';
      if (valueFrom.fileKeyRef !== undefined) valueFrom.fileKeyRef.optional ??= false;
    }
  probeDefaults(container.livenessProbe);
  probeDefaults(container.readinessProbe);
  probeDefaults(container.startupProbe);
  httpGetDefaults(container.lifecycle?.postStart?.httpGet);
  httpGetDefaults(container.lifecycle?.preStop?.httpGet);
  if (container.lifecycle?.stopSignal !== undefined) withoutStopSignal(container, container.lifecycle);
}

/** The signal is a feature that is off, too. */
function withoutStopSignal(container: Container | EphemeralContainer, lifecycle: Lifecycle): void {
  if (Object.isFrozen(lifecycle)) return;
  delete lifecycle.stopSignal;
  if (Object.keys(lifecycle).length === 0) delete container.lifecycle;
}

function probeDefaults(probe: Probe | undefined): void {
  if (probe === undefined) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  httpGetDefaults(probe.httpGet);
  if (probe.grpc !== undefined) probe.grpc.service ??= '';
}

function httpGetDefaults(action: HTTPGetAction | undefined): void {
  if (action === undefined) return;
  action.path ||= '/';
  action.scheme ||= 'HTTP';
}
