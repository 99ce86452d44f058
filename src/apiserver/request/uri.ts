import type { Target } from './target.ts';

/** The path and query by which HTTP would ask for a target; for calls in this process, which were not sent with one. */
export function uriOf(target: Target): string {
  if (!target.isResource || target.path !== '') return target.path;
  const { group, version, resource, namespace, name, subresource, options, verb } = target;
  const words = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(namespace === undefined || resource === 'namespaces' ? [] : ['namespaces', namespace]),
    resource,
    ...[name, subresource].filter((word) => word !== undefined).map(encodeURIComponent),
  ];
  const query = new URLSearchParams(verb === 'watch' ? { watch: 'true' } : {});
  for (const [option, value] of Object.entries(options)) if (value !== undefined) query.set(option, value);
  return `/${words.join('/')}${query.size === 0 ? '' : `?${query}`}`;
}
