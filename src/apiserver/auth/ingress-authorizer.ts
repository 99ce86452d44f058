import { nodeOfIngress } from '../../api/networking/ingress-user.ts';
import { secretsOfIngress, isServedIngress } from '../../api/networking/served-ingress.ts';
import { IngressClasses, Ingresses, type Ingress } from '../../api/networking/v1/types.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import { keyText, type ObjectKey } from '../../apimachinery/object.ts';
import type { ServerContext } from '../context.ts';
import type { Attributes, Decision, ImmediateAuthorizer } from './auth.ts';
import { nameOf } from './exact-field.ts';

const allowed: Decision = { allowed: true, reason: '' };
const silent: Decision = { allowed: false, denied: false, reason: '' };

function noOpinion(reason: string): Decision {
  return { allowed: false, denied: false, reason };
}

/**
 * Lets who serves Ingresses on a node do what no role can say: read the Secrets that served Ingresses name, write the
 * status of served Ingresses and that of his own node. Says nothing about other users. What he may write into these is
 * limited by an admission plugin.
 */
export class IngressAuthorizer implements ImmediateAuthorizer {
  readonly #context: ServerContext;
  /** By `namespace/name` of a Secret: the Ingresses that name it. */
  readonly #naming = new Map<string, Set<string>>();

  constructor(context: ServerContext) {
    this.#context = context;
    context.follow(Ingresses, (now, before) => this.#follow(now, before));
  }

  authorize(attributes: Attributes): Decision {
    const node = nodeOfIngress(attributes.user);
    if (node === undefined) return silent;
    const { verb, group = '', resource = '', subresource = '', name, namespace } = attributes;
    switch (`${verb} ${group}/${resource}/${subresource}`) {
      case 'get /secrets/':
      case 'list /secrets/':
      case 'watch /secrets/':
        return this.#secret(namespace, nameOf(attributes));
      case 'update networking.k8s.io/ingresses/status':
        return this.#isServed({ ...(namespace && { namespace }), name: name ?? '' })
          ? allowed
          : noOpinion('can only write the status of Ingresses that are served by the nodes');
      case 'patch /nodes/status':
        return name === node ? allowed : noOpinion(`node '${node}' cannot write the status of another node`);
      default:
        return silent;
    }
  }

  #secret(namespace: string | undefined, name: string): Decision {
    if (name === '') return noOpinion('No Object name found');
    if (!namespace) return noOpinion('can only read namespaced object of this type');
    for (const ingress of this.#naming.get(keyText({ namespace, name })) ?? [])
      if (this.#isServed({ namespace, name: ingress })) return allowed;
    return noOpinion('no Ingress that is served by the nodes names this object');
  }

  #isServed(key: ObjectKey): boolean {
    const ingress = this.#context.lookup(Ingresses, key);
    return ingress !== undefined && isServedIngress(ingress, (name) => this.#context.lookup(IngressClasses, { name }));
  }

  #follow(now: Readonly<Ingress> | undefined, before: Readonly<Ingress> | undefined): void {
    const [named, namedBefore] = [now, before].map((one) => (one === undefined ? [] : secretsOfIngress(one)));
    if (now !== undefined && before !== undefined && jsonEqual(named, namedBefore)) return;
    for (const secret of namedBefore!) {
      const naming = this.#naming.get(keyText(secret));
      naming?.delete(before!.metadata.name);
      if (naming?.size === 0) this.#naming.delete(keyText(secret));
    }
    for (const secret of named!) {
      const key = keyText(secret);
      this.#naming.set(key, (this.#naming.get(key) ?? new Set()).add(now!.metadata.name));
    }
  }
}
