import { Turns } from '../../base/turns.ts';
import { isLarge } from '../large.ts';
import type { Core, Operation } from './operation.ts';

/** The operation as one that gives others their turn between its steps, if it is on so many bytes that it must. */
export function withTurns(core: Core, operation: Operation, bytes: number): Operation {
  if (operation.nextTurn !== undefined || !isLarge(bytes)) return operation;
  const turns = Turns.of(core.context.clock);
  return { ...operation, nextTurn: () => turns.share() };
}

/** Bytes of the body, where it came as bytes. */
export function bytesOfBody({ body }: Operation): number {
  return body !== undefined && 'bytes' in body ? body.bytes.length : 0;
}
