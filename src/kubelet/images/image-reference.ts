const domain =
  '(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?';
const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const reference = new RegExp(
  `^(?:${domain}/)?${part}(?:/${part})*(:[\\w][\\w.-]{0,127})?(@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$`,
);
const longestName = 255;

export type ImageReference = { readonly reference: string } | { readonly refusal: string };

/**
 * The name of an image with its tag, `latest` where none is given (Kubernetes' "Images", image names; the grammar is
 * that of the OCI distribution's references). The refusal is worded as users know it.
 */
export function imageReference(name: string): ImageReference {
  const complaint = complaintAbout(name);
  if (complaint !== undefined)
    return {
      refusal: `Failed to apply default image tag "${name}": couldn't parse image name "${name}": ${complaint}`,
    };
  const [, tag, digest] = reference.exec(name)!;
  return { reference: tag === undefined && digest === undefined ? `${name}:latest` : name };
}

function complaintAbout(name: string): string | undefined {
  if (/^[a-f0-9]{64}$/.test(name))
    return `invalid repository name (${name}), cannot specify 64-byte hexadecimal strings`;
  const { repository, full } = repositoryOf(name);
  if (repository !== repository.toLowerCase())
    return `invalid reference format: repository name (${repository}) must be lowercase`;
  if (!reference.test(full)) return 'invalid reference format';
  return fullRepository(name).length > longestName
    ? `repository name must not be more than ${longestName} characters`
    : undefined;
}

/** The image's full name with its registry, without tag and digest: `docker.io/library/web`. */
export function fullRepository(name: string): string {
  return repositoryOf(name)
    .full.replace(/@.*$/s, '')
    .replace(/:[^:/]*$/, '');
}

/** Short names belong to Docker Hub, those without a folder to its `library`. */
function repositoryOf(name: string): { repository: string; full: string } {
  const slash = name.indexOf('/');
  const first = name.slice(0, Math.max(slash, 0));
  const isHost = slash >= 0 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const host = isHost ? first : 'docker.io';
  let rest = isHost ? name.slice(slash + 1) : name;
  if (host === 'docker.io' && !rest.includes('/')) rest = `library/${rest}`;
  const repository = rest.replace(/[:@].*$/s, '');
  return { repository, full: `${host}/${rest}` };
}
