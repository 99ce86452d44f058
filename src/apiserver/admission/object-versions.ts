import type { KubeObject } from '../../apimachinery/object.ts';
import { apiVersionOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { deduced, type Structure } from '../../apimachinery/structure.ts';
import type { Catalogs } from '../catalog/catalogs.ts';
import type { AdmissionRequest } from './admission.ts';

/** A request as somebody sees it who wants objects of `type`, whatever version the client asked for. */
export interface Asked {
  readonly request: AdmissionRequest;
  readonly type: ResourceType;
  readonly object: KubeObject | undefined;
  readonly old: KubeObject | undefined;
}

/** The versions of kinds, and objects in them, for those who want to see requests as ones of another version. */
export class ObjectVersions {
  readonly #catalogs: Catalogs;

  constructor(catalogs: Catalogs) {
    this.#catalogs = catalogs;
  }

  of({ group, version, resource }: ResourceType): readonly ResourceType[] {
    const { versions = [] } = this.#catalogs.current.find(group, version, resource)?.stored ?? {};
    return versions.map(({ type }) => type);
  }

  /** A stored kind by what objects call it; none where it is not served. */
  ofKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.#catalogs.current.versions.find(
      ({ type, stored }) => stored !== undefined && type.kind === kind && apiVersionOf(type) === apiVersion,
    )?.type;
  }

  structureOf({ group, version, resource }: ResourceType): Structure {
    return this.#catalogs.current.find(group, version, resource)?.structure ?? deduced;
  }

  /** The request as one for objects of `type`: at once where that is what the client asked for. */
  asked(request: AdmissionRequest, type: ResourceType): Asked | Promise<Asked> {
    const { object, old } = request;
    return type === request.type ? { request, type, object, old } : this.#askedConverted(request, type);
  }

  async #askedConverted(request: AdmissionRequest, type: ResourceType): Promise<Asked> {
    const convert = async (one: Readonly<KubeObject> | undefined) =>
      one === undefined ? undefined : await this.converted(one, type);
    return { request, type, object: await convert(request.object), old: await convert(request.old) };
  }

  /** The object in another version of its kind. */
  async converted(object: Readonly<KubeObject>, type: ResourceType): Promise<KubeObject> {
    const wanted = apiVersionOf(type);
    if ((object.apiVersion ?? wanted) === wanted) return object;
    const served = this.#catalogs.current.find(type.group, type.version, type.resource);
    const [converted = object] = (await served?.stored?.convert([object], wanted)) ?? [];
    return { ...converted, kind: type.kind, apiVersion: wanted };
  }
}
