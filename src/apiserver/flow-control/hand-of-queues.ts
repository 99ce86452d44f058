import { createHash } from 'node:crypto';

/**
 * Deals each flow a hand of queues out of a deck (shuffle sharding): a flow that fills its queues meets few of those that
 * another flow has, and hardly ever all of them.
 */
export function handOf(flow: string, deckSize: number, handSize: number): readonly number[] {
  let left = createHash('sha256').update(flow).digest().readBigUInt64BE();
  const hand: number[] = [];
  for (let dealt = 0; dealt < handSize; dealt++) {
    const remaining = BigInt(deckSize - dealt);
    let card = Number(left % remaining);
    left /= remaining;
    // The card is counted among those that are still in the deck.
    for (const taken of hand.toSorted((a, b) => a - b)) if (card >= taken) card++;
    hand.push(card);
  }
  return hand;
}
