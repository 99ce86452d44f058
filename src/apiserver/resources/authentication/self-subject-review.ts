import { SelfSubjectReviews, type SelfSubjectReview, type UserInfo } from '../../../api/authentication/v1/types.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import type * as auth from '../../auth/auth.ts';
import type { VirtualResource } from '../../rest/virtual-resource.ts';

/** Answers who the server takes the sender for. */
export const selfSubjectReview: VirtualResource<SelfSubjectReview> = {
  type: SelfSubjectReviews,
  create: (_draft, { user, context }) => ({
    metadata: { creationTimestamp: rfc3339(context.clock.now()) } as SelfSubjectReview['metadata'],
    status: { userInfo: userInfoOf(user) },
  }),
};

/** A user in the form of the API. */
export function userInfoOf({ name, uid, groups, extra }: auth.UserInfo): UserInfo {
  const info: UserInfo = { username: name };
  if (uid) info.uid = uid;
  if (groups.length > 0) info.groups = [...groups];
  if (extra && Object.keys(extra).length > 0)
    info.extra = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]));
  return info;
}
