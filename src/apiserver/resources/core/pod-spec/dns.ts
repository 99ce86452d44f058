import type { HostAlias, PodSpec } from '../../../../api/core/v1/types.ts';
import { validateOldIp } from '../../../../apimachinery/ip.ts';
import { dnsSubdomain, dnsSubdomainWithUnderscore } from '../../../../apimachinery/names.ts';
import { invalid, required } from '../../../../apimachinery/validation.ts';
import { complain, type Errors } from '../../checks.ts';

/** What resolvers take. */
const mostNameservers = 3;
const mostSearches = 32;
const mostSearchCharacters = 2048;

export function checkDnsConfig(errors: Errors, { dnsConfig, dnsPolicy }: PodSpec, field: string): void {
  if (dnsPolicy === 'None') {
    if (dnsConfig === undefined) {
      errors.push(required(field, 'must provide `dnsConfig` when `dnsPolicy` is None'));
      return;
    }
    if (!dnsConfig.nameservers?.length) {
      errors.push(
        required(`${field}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None'),
      );
      return;
    }
  }
  if (dnsConfig === undefined) return;
  const { nameservers = [], searches = [], options = [] } = dnsConfig;
  if (nameservers.length > mostNameservers)
    errors.push(invalid(`${field}.nameservers`, nameservers, `must not have more than ${mostNameservers} nameservers`));
  nameservers.forEach((server, i) => errors.push(...validateOldIp(`${field}.nameservers[${i}]`, server, true)));
  if (searches.length > mostSearches)
    errors.push(invalid(`${field}.searches`, searches, `must not have more than ${mostSearches} search paths`));
  if (searches.join(' ').length > mostSearchCharacters)
    errors.push(
      invalid(
        `${field}.searches`,
        searches,
        `must not have more than ${mostSearchCharacters} characters (including spaces) in the search list`,
      ),
    );
  searches.forEach((search, i) => {
    if (search === '.') return;
    const domain = search.endsWith('.') ? search.slice(0, -1) : search;
    complain(errors, `${field}.searches[${i}]`, domain, dnsSubdomainWithUnderscore(domain));
  });
  options.forEach(({ name }, i) => {
    if (!name) errors.push(required(`${field}.options[${i}]`, 'must not be empty'));
  });
}

export function checkHostAliases(errors: Errors, aliases: readonly HostAlias[], field: string): void {
  aliases.forEach(({ ip, hostnames }, i) => {
    errors.push(...validateOldIp(`${field}[${i}].ip`, ip ?? '', true));
    hostnames?.forEach((name, at) => complain(errors, `${field}[${i}].hostnames[${at}]`, name, dnsSubdomain(name)));
  });
}
