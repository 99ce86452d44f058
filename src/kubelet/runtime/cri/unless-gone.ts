import { isRuntimeError } from '../runtime-error.ts';

/** The answer to a call, `undefined` where what it is about is not there. */
export async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isRuntimeError(error, 'NotFound')) return undefined;
    throw error;
  }
}
