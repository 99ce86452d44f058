import type { Service } from '../../../../api/core/v1/types.ts';
import { ipText, parseIp } from '../../../../apimachinery/ip.ts';

const hints = 'service.kubernetes.io/topology-aware-hints';

export function serviceWarnings({ metadata, spec }: Readonly<Service>): string[] {
  const texts: string[] = [];
  const { externalIPs = [], clusterIPs = [], loadBalancerIP, type } = spec;
  const isHeadless = type === 'ClusterIP' && spec.clusterIP === 'None';
  const warnAboutForm = (field: string, address: string) => texts.push(...formWarnings(field, address));
  if (metadata.annotations?.[hints] !== undefined)
    texts.push(`annotation ${hints} is deprecated, please use service.kubernetes.io/topology-mode instead`);
  if (!isHeadless) clusterIPs.forEach((address, i) => warnAboutForm(`spec.clusterIPs[${i}]`, address));
  if (isHeadless) {
    if (loadBalancerIP) texts.push('spec.loadBalancerIP is ignored for headless services');
    if (externalIPs.length > 0) texts.push('spec.externalIPs is ignored for headless services');
    if (spec.sessionAffinity !== 'None') texts.push('spec.SessionAffinity is ignored for headless services');
  }
  externalIPs.forEach((address, i) => warnAboutForm(`spec.externalIPs[${i}]`, address));
  if (externalIPs.length > 0 && !isHeadless && type !== 'ExternalName')
    texts.push('spec.externalIPs is deprecated and may no longer be implemented in some clusters');
  if (loadBalancerIP) warnAboutForm('spec.loadBalancerIP', loadBalancerIP);
  if (type === 'ExternalName' && externalIPs.length > 0)
    texts.push('spec.externalIPs is ignored when spec.type is "ExternalName"');
  if (type !== 'ExternalName' && spec.externalName)
    texts.push('spec.externalName is ignored when spec.type is not "ExternalName"');
  if (spec.trafficDistribution === 'PreferClose')
    texts.push('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"');
  return texts;
}

/** Addresses that are right but written in an unusual way. */
function formWarnings(field: string, text: string): string[] {
  const address = parseIp(text);
  if (address === undefined || ipText(address) === text) return [];
  const usual = JSON.stringify(ipText(address));
  if (address.length === 16)
    return [`${field}: IPv6 address ${JSON.stringify(text)} should be in RFC 5952 canonical format (${usual})`];
  const shown = JSON.stringify(text);
  return [
    `${field}: non-standard IP address ${shown} will be considered invalid in a future Kubernetes release: use ${usual}`,
  ];
}
