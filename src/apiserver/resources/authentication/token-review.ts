import { TokenReviews, type TokenReview, type TokenReviewStatus } from '../../../api/authentication/v1/types.ts';
import { refused } from '../../../apimachinery/status.ts';
import { authenticated } from '../../auth/authentication.ts';
import type { ServiceAccountTokens } from '../../auth/service-account-token.ts';
import type { VirtualResource } from '../../rest/virtual-resource.ts';
import { userInfoOf } from './self-subject-review.ts';

/** Answers whose token it is, for components that take tokens themselves. */
export function tokenReview(tokens: ServiceAccountTokens): VirtualResource<TokenReview> {
  return {
    type: TokenReviews,
    create(draft, { context }) {
      const { token, audiences } = draft.spec ?? {};
      if (!token) throw refused.badRequest('token is required for TokenReview in authentication');
      draft.status = statusOf(tokens, token, audiences?.length ? audiences : context.config.audiences);
      return draft;
    },
  };
}

function statusOf(tokens: ServiceAccountTokens, token: string, audiences: readonly string[]): TokenReviewStatus {
  const reading = tokens.read(token, audiences);
  if (reading?.good) {
    const user = userInfoOf(authenticated(reading.user));
    return { authenticated: true, user, audiences: [...reading.audiences] };
  }
  const why = reading === undefined ? 'invalid bearer token' : `[invalid bearer token, ${reading.why}]`;
  return { user: {}, error: why };
}
