/**
 * The full name that a container runtime knows an image by: `nginx` is `docker.io/library/nginx:latest`. The rules are
 * Docker's: the part before the first slash is a host if it has a dot or a colon, or is `localhost`.
 */
export function fullImageName(reference: string): string {
  const slash = reference.indexOf('/');
  const head = slash < 0 ? '' : reference.slice(0, slash);
  const isHost = head.includes('.') || head.includes(':') || head === 'localhost' || head !== head.toLowerCase();
  const host = isHost ? head : 'docker.io';
  const rest = isHost ? reference.slice(slash + 1) : reference;
  const path = host === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  return hasTagOrDigest(path) ? `${host}/${path}` : `${host}/${path}:latest`;
}

/** Whether a name tells of which repository it is, not just a tag. */
export function isRepositoryName(reference: string): boolean {
  return /[/:@]/.test(reference);
}

function hasTagOrDigest(path: string): boolean {
  return path.includes('@') || path.slice(path.lastIndexOf('/') + 1).includes(':');
}
