import type { Container, HTTPGetAction, LifecycleHandler, Probe } from '../../../../api/core/v1/types.ts';
import { httpHeaderName } from '../../../../apimachinery/names.ts';
import { forbidden, invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import { checkNonNegative, checkPort, complain, type Errors } from '../../checks.ts';

type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<LifecycleHandler, 'sleep'>;

/** Probes and lifecycle hooks of a container that runs beside others. `grace` is the pod's, in seconds. */
export function checkLifecycleAndProbes(
  errors: Errors,
  container: Container,
  grace: number | undefined,
  field: string,
): void {
  const { lifecycle, livenessProbe, readinessProbe, startupProbe } = container;
  if (lifecycle !== undefined) {
    if (lifecycle.postStart !== undefined)
      checkHandler(errors, lifecycle.postStart, grace, `${field}.lifecycle.postStart`);
    if (lifecycle.preStop !== undefined) checkHandler(errors, lifecycle.preStop, grace, `${field}.lifecycle.preStop`);
  }
  if (livenessProbe !== undefined) checkProbe(errors, livenessProbe, grace, `${field}.livenessProbe`, 'once');
  if (readinessProbe !== undefined) {
    checkProbe(errors, readinessProbe, grace, `${field}.readinessProbe`, 'often');
    if (readinessProbe.terminationGracePeriodSeconds !== undefined)
      errors.push(
        invalid(
          `${field}.readinessProbe.terminationGracePeriodSeconds`,
          readinessProbe.terminationGracePeriodSeconds,
          'must not be set for readinessProbes',
        ),
      );
  }
  if (startupProbe !== undefined) checkProbe(errors, startupProbe, grace, `${field}.startupProbe`, 'once');
}

function checkProbe(
  errors: Errors,
  probe: Probe,
  grace: number | undefined,
  field: string,
  successes: 'once' | 'often',
): void {
  checkHandler(errors, probe, grace, field);
  checkNonNegative(errors, `${field}.initialDelaySeconds`, probe.initialDelaySeconds);
  checkNonNegative(errors, `${field}.timeoutSeconds`, probe.timeoutSeconds);
  checkNonNegative(errors, `${field}.periodSeconds`, probe.periodSeconds);
  checkNonNegative(errors, `${field}.successThreshold`, probe.successThreshold);
  checkNonNegative(errors, `${field}.failureThreshold`, probe.failureThreshold);
  const { terminationGracePeriodSeconds, successThreshold } = probe;
  if (terminationGracePeriodSeconds !== undefined && terminationGracePeriodSeconds <= 0)
    errors.push(
      invalid(`${field}.terminationGracePeriodSeconds`, terminationGracePeriodSeconds, 'must be greater than 0'),
    );
  if (successes === 'once' && successThreshold !== 1)
    errors.push(invalid(`${field}.successThreshold`, successThreshold, 'must be 1'));
}

const handlerNames = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const;

function checkHandler(errors: Errors, handler: Handler, grace: number | undefined, field: string): void {
  let found = false;
  for (const name of handlerNames) {
    if (handler[name] === undefined) continue;
    if (found) {
      errors.push(forbidden(`${field}.${name}`, 'may not specify more than 1 handler type'));
      continue;
    }
    found = true;
    checkAction(errors, handler, name, grace, `${field}.${name}`);
  }
  if (!found) errors.push(required(field, 'must specify a handler type'));
}

function checkAction(
  errors: Errors,
  handler: Handler,
  name: (typeof handlerNames)[number],
  grace: number | undefined,
  field: string,
): void {
  if (name === 'exec') {
    if (!handler.exec!.command?.length) errors.push(required(`${field}.command`));
  } else if (name === 'httpGet') checkHttpGet(errors, handler.httpGet!, field);
  else if (name === 'tcpSocket') checkPort(errors, `${field}.port`, handler.tcpSocket!.port);
  else if (name === 'grpc') checkPort(errors, `${field}.port`, handler.grpc!.port);
  else {
    const seconds = handler.sleep!.seconds ?? 0;
    if (grace !== undefined && (seconds < 0 || seconds > grace))
      errors.push(
        invalid(field, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`),
      );
  }
}

const schemes = ['HTTP', 'HTTPS'];

function checkHttpGet(errors: Errors, action: HTTPGetAction, field: string): void {
  if (!action.path) errors.push(required(`${field}.path`));
  checkPort(errors, `${field}.port`, action.port);
  if (!schemes.includes(action.scheme ?? ''))
    errors.push(notSupported(`${field}.scheme`, action.scheme ?? '', schemes));
  for (const { name } of action.httpHeaders ?? [])
    complain(errors, `${field}.httpHeaders`, name ?? '', httpHeaderName(name ?? ''));
}
