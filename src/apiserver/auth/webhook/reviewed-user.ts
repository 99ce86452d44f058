import type { UserInfo } from '../auth.ts';

/** The user that another server tells of (authentication.k8s.io, UserInfo); `undefined` where it is none. */
export function reviewedUser(told: unknown = {}): UserInfo | undefined {
  if (!isRecord(told)) return undefined;
  const { username = '', uid = '', groups = [], extra = {} } = told;
  if (typeof username !== 'string' || typeof uid !== 'string' || !areTexts(groups) || !isRecord(extra))
    return undefined;
  const more = Object.entries(extra);
  if (!more.every((entry): entry is [string, string[]] => areTexts(entry[1]))) return undefined;
  return {
    name: username,
    groups,
    ...(uid !== '' && { uid }),
    ...(more.length > 0 && { extra: Object.fromEntries(more) }),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function areTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}
