import { Ingresses, type Ingress } from '../../../api/networking/v1/types.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkIngressSpec, checkIngressStatus } from './ingress-checks.ts';

const classAnnotation = 'kubernetes.io/ingress.class';
const shownHosts = 3;

export const ingress: ResourceDefinition<Ingress> = {
  type: Ingresses,

  strategy: {
    defaults(draft) {
      draft.spec ??= {};
      if (draft.status !== undefined) draft.status.loadBalancer ??= {};
    },

    prepareForCreate(draft) {
      draft.status = { loadBalancer: {} };
    },

    validate(object, old) {
      const errors: Errors = [];
      checkIngressSpec(errors, object.spec, 'spec');
      if (old === undefined) checkAnnotation(errors, object);
      return errors;
    },

    warnings({ metadata, spec }, old) {
      const isOld = old?.metadata.annotations?.[classAnnotation] !== undefined;
      if (isOld || metadata.annotations?.[classAnnotation] === undefined || spec.ingressClassName !== undefined)
        return [];
      return [`annotation "${classAnnotation}" is deprecated, please use 'spec.ingressClassName' instead`];
    },

    status: {
      validate({ status }) {
        const errors: Errors = [];
        checkIngressStatus(errors, status?.loadBalancer, 'status.loadBalancer');
        return errors;
      },
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.spec.ingressClassName ?? '<none>',
      hostsText(object),
      addressesText(object),
      object.spec.tls?.length ? '80, 443' : '80',
      ageOf(object, now),
    ],
  },
};

function checkAnnotation(errors: Errors, { metadata, spec }: Readonly<Ingress>): void {
  const annotated = metadata.annotations?.[classAnnotation];
  const { ingressClassName } = spec;
  if (annotated !== undefined && ingressClassName !== undefined && annotated !== ingressClassName)
    errors.push(
      invalid(`annotations.${classAnnotation}`, annotated, 'must match `ingressClassName` when both are specified'),
    );
}

function hostsText({ spec: { rules = [] } }: Readonly<Ingress>): string {
  const hosts = rules.flatMap(({ host }) => (host ? [host] : []));
  if (hosts.length === 0) return '*';
  const shown = hosts.slice(0, shownHosts).join(',');
  return hosts.length > shownHosts ? `${shown} + ${hosts.length - shownHosts} more...` : shown;
}

function addressesText({ status }: Readonly<Ingress>): string {
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  return [...new Set(addresses.filter((address) => address !== ''))].sort().join(',');
}
