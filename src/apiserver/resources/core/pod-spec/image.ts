/** `Always` for images without a tag or with the tag `latest`, `IfNotPresent` for any other tag and for digests. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  if (image === undefined || !imageReference.test(image)) return 'IfNotPresent';
  if (image.includes('@')) return 'IfNotPresent';
  const tag = image.lastIndexOf(':');
  // A colon before the last slash belongs to the registry's port.
  const isTagged = tag >= 0 && image.indexOf('/', tag) < 0;
  if (isTagged && image.slice(tag + 1) !== 'latest') return 'IfNotPresent';
  return isTooLong(isTagged ? image.slice(0, tag) : image) ? 'IfNotPresent' : 'Always';
}

const longestPath = 255;

/** A path that is too long names no image. It is what stands after the registry, of which Docker's own may be left out. */
function isTooLong(repository: string): boolean {
  if (repository.length + 'library/'.length <= longestPath) return false;
  const slash = repository.indexOf('/');
  if (slash < 0) return true;
  const first = repository.slice(0, slash);
  const isRegistry = first === 'localhost' || /[.:A-Z]/.test(first);
  return (isRegistry ? repository.length - slash - 1 : repository.length) > longestPath;
}

/** `[domain[:port]/]path[:tag][@algorithm:digest]`; what does not look like it gets no special treatment. */
const imageReference =
  /^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;
