import { servedResources } from '../../api/resources.ts';
import { goQuote, shortened } from '../../apimachinery/go-text.ts';
import { apiVersionOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { refused, type StatusError } from '../../apimachinery/status.ts';
import { internalGoType } from '../catalog/go-type.ts';

interface Typed {
  kind?: string;
  apiVersion?: string;
}

/** How upstream names what it knows of kinds in messages. */
const scheme = 'pkg/api/legacyscheme/scheme.go:30';

const known: ReadonlySet<string> = new Set(servedResources.map(({ type }) => `${apiVersionOf(type)} ${type.kind}`));

/** Versions of before and after: which kinds they had is not recorded. */
const unfinished = /\/v\d+(?:alpha|beta)\d+$/;

/** What a body says that it is must be what the path takes; it is told so where it says nothing. */
export function checkKind(object: Typed, expected: ResourceType, isBuiltIn = true): void {
  const apiVersion = object.apiVersion || apiVersionOf(expected);
  const kind = object.kind || expected.kind;
  // Custom kinds tell what is wrong with the kind together with all else.
  if (!isBuiltIn && apiVersion === apiVersionOf(expected)) {
    object.kind = kind;
    object.apiVersion = apiVersion;
    return;
  }
  if (kind !== expected.kind || apiVersion !== apiVersionOf(expected))
    throw otherKind(kind, apiVersion, expected, isBuiltIn);
  object.kind = kind;
  object.apiVersion = apiVersion;
}

/** Upstream first looks whether it knows such a kind, then converts it, and looks at the version last. */
function otherKind(kind: string, apiVersion: string, expected: ResourceType, isBuiltIn: boolean): StatusError {
  const version = apiVersion.split('/').pop()!;
  const isSame = kind === expected.kind;
  const cannotBe = (why: string) =>
    refused.badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${expected.kind}: ${why}`);
  if (!isBuiltIn) return wrongVersion(apiVersion, expected);
  const isKnown = known.has(`${apiVersion} ${kind}`) || (isSame && unfinished.test(apiVersion));
  if (!isKnown)
    return cannotBe(
      `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme ${goQuote(scheme)}`,
    );
  if (!isSame) return cannotBe(`converting (${version}.${kind}) to (${internalGoType(expected)}): unknown conversion`);
  return wrongVersion(apiVersion, expected);
}

export function wrongVersion(apiVersion: string, expected: ResourceType): StatusError {
  return refused.badRequest(
    `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(expected)})`,
  );
}

/**
 * The kind of a configuration that is applied: anything else than what the path takes is no object of that type. Nobody
 * has looked at the types of the two yet: what is no text counts as none.
 */
export function checkAppliedKind(
  { kind, apiVersion }: { readonly kind?: unknown; readonly apiVersion?: unknown },
  expected: ResourceType,
): void {
  if (kind === expected.kind && apiVersion === apiVersionOf(expected)) return;
  const [version, name] = [versionOf(textOf(apiVersion)), textOf(kind)].map((text) => shortened(text));
  throw refused.badRequest(`invalid object type: ${version}, Kind=${name}`);
}

/** As upstream shows a group and version; what has more parts than these two is neither. */
function versionOf(apiVersion: string): string {
  const slashes = apiVersion.split('/').length - 1;
  if (slashes === 1) return apiVersion;
  return slashes === 0 ? `/${apiVersion}` : '/';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
