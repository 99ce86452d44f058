import { TokenReviews, type TokenReview, type TokenReviewStatus } from '../../../api/authentication/v1/types.ts';
import { refused } from '../../../apimachinery/status.ts';
import { authenticated } from '../../auth/authentication.ts';
import type { TokenReader, TokenReading } from '../../auth/token-reader.ts';
import type { VirtualResource } from '../../rest/virtual-resource.ts';
import { userInfoOf } from './self-subject-review.ts';

/** Answers whose token it is, for components that take tokens themselves. */
export function tokenReview(tokens: TokenReader): VirtualResource<TokenReview> {
  return {
    type: TokenReviews,
    async create(draft, { context }) {
      const { token, audiences } = draft.spec ?? {};
      if (!token) throw refused.badRequest('token is required for TokenReview in authentication');
      draft.status = statusOf(await tokens.read(token, audiences?.length ? audiences : context.config.audiences));
      return draft;
    },
  };
}

function statusOf(reading: TokenReading | undefined): TokenReviewStatus {
  if (reading?.good) {
    const user = userInfoOf(authenticated(reading.user));
    return { authenticated: true, user, audiences: [...reading.audiences] };
  }
  const why = reading === undefined ? 'invalid bearer token' : `[invalid bearer token, ${reading.why}]`;
  return { user: {}, error: why };
}
