import type { MatchResources, NamedRuleWithOperations } from '../../../api/admissionregistration/v1/types.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import { labelSelectorOf } from '../../../apimachinery/selectors/label-selector.ts';
import type { ServerContext } from '../../context.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { ObjectVersions } from '../object-versions.ts';
import { isSelected, ruleCovers, type Selectors } from '../webhooks/matching.ts';

/** Which requests a policy or a binding is about, ready to be asked. */
export class PolicyMatch {
  readonly #match: Readonly<MatchResources>;
  readonly #selectors: Selectors;

  constructor(match: Readonly<MatchResources>) {
    this.#match = match;
    this.#selectors = {
      ofNamespace: labelSelectorOf(match.namespaceSelector ?? {}),
      ofObject: labelSelectorOf(match.objectSelector ?? {}),
    };
  }

  /** As one for objects of which version the request is its business, if at all. Without rules all is. */
  typeFor(request: AdmissionRequest, versions: ObjectVersions, context: ServerContext): ResourceType | undefined {
    const { resourceRules = [], excludeResourceRules = [] } = this.#match;
    const type = resourceRules.length === 0 ? request.type : this.#covered(resourceRules, request, versions);
    if (type === undefined || !isSelected(this.#selectors, request, context)) return undefined;
    return this.#covered(excludeResourceRules, request, versions) === undefined ? type : undefined;
  }

  #covered(
    rules: readonly NamedRuleWithOperations[],
    request: AdmissionRequest,
    versions: ObjectVersions,
  ): ResourceType | undefined {
    const named = rules.filter(
      ({ resourceNames = [] }) => !resourceNames.length || resourceNames.includes(request.name),
    );
    if (named.length === 0) return undefined;
    const covers = (type: ResourceType): boolean => named.some((rule) => ruleCovers(rule, request, type));
    if (covers(request.type)) return request.type;
    if (this.#match.matchPolicy === 'Exact') return undefined;
    return versions.of(request.type).find((type) => type !== request.type && covers(type));
  }
}
