import { callBackend, type BackendQuestion, type Destination } from './backend.ts';
import { boundedText, type AnswerBounds } from './bounded-text.ts';

export interface WholeQuestion extends BackendQuestion {
  readonly body?: string;
  readonly answerBounds: AnswerBounds;
}

export interface WholeAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Asks a backend and waits for all of its answer. Rejects when there is none, or it is too large. */
export async function wholeAnswer(
  destination: Destination,
  question: WholeQuestion,
  signal: AbortSignal,
): Promise<WholeAnswer> {
  const { call, came } = callBackend(destination, question, signal);
  call.end(question.body);
  try {
    const { answer } = await came;
    const contentType = answer.headers['content-type'] ?? '';
    return { status: answer.statusCode ?? 0, contentType, text: await boundedText(answer, question.answerBounds) };
  } catch (error) {
    call.destroy();
    // A kept connection may have ended just then: the question has not been heard.
    if (call.reusedSocket && (error as { code?: unknown }).code === 'ECONNRESET' && !signal.aborted)
      return await wholeAnswer(destination, question, signal);
    throw error;
  }
}

/** Closes what is idle of an agent now, and what is in use when it is not any more. */
export function closeIdle(agent: {
  maxFreeSockets: number;
  readonly freeSockets: NodeJS.ReadOnlyDict<{ destroy(): void }[]>;
}) {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const one of sockets ?? []) one.destroy();
}
