import type { Attributes, Authorizer, Decision, ImmediateAuthorizer } from './auth.ts';

/** What was asked has to be waited for: no error to whoever runs expressions, who passes it on. */
export class Unanswered extends Error {
  readonly question: string;
  readonly answer: Promise<Decision>;
  constructor(question: string, answer: Promise<Decision>) {
    super('the answer of an authorizer has not come yet');
    this.question = question;
    this.answer = answer;
  }
}

/**
 * Runs what cannot wait for an authorizer, such as expressions. Where it asks what somebody else has to be asked, it ends
 * there, and is run again from its beginning with the answer: it must do nothing that shows before it is done. What takes
 * long may answer later.
 */
export function immediately<T>(
  authorizer: Authorizer,
  run: (now: ImmediateAuthorizer) => T | Promise<T>,
): T | Promise<T> {
  const answers = new Map<string, Decision>();
  const now: ImmediateAuthorizer = {
    authorize(attributes) {
      const known = answers.size > 0 ? answers.get(questionOf(attributes)) : undefined;
      if (known !== undefined) return known;
      const decision = authorizer.authorize(attributes);
      if (decision instanceof Promise) throw new Unanswered(questionOf(attributes), decision);
      return decision;
    },
  };
  const attempt = (): T | Promise<T> => {
    try {
      const result = run(now);
      return result instanceof Promise ? result.catch(again) : result;
    } catch (error) {
      return again(error);
    }
  };
  const again = (error: unknown): Promise<T> => {
    if (!(error instanceof Unanswered)) throw error;
    return error.answer.then((decision) => {
      answers.set(error.question, decision);
      return attempt();
    });
  };
  return attempt();
}

function questionOf(attributes: Attributes): string {
  return JSON.stringify(attributes);
}
