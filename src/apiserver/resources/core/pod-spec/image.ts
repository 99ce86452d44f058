/** `Always` for images without a tag or with the tag `latest`, `IfNotPresent` for any other tag and for digests. */
export function defaultPullPolicy(image: string | undefined): 'Always' | 'IfNotPresent' {
  if (image === undefined || !imageReference.test(image)) return 'IfNotPresent';
  if (image.includes('@')) return 'IfNotPresent';
  const tag = image.lastIndexOf(':');
  // A colon before the last slash belongs to the registry's port.
  if (tag < 0 || image.indexOf('/', tag) >= 0) return 'Always';
  return image.slice(tag + 1) === 'latest' ? 'Always' : 'IfNotPresent';
}

/** `[domain[:port]/]path[:tag][@algorithm:digest]`; what does not look like it gets no special treatment. */
const imageReference =
  /^(?:(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?$/;
