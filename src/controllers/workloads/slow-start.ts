/**
 * Does `count` things in batches of 1, 2, 4, …, each batch at once, and stops after a batch in which one failed: so a
 * quota or a broken template costs a few refused requests instead of hundreds. Rejects with the first failure.
 */
export async function slowStart(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let done = 0;
  for (let batch = 1; done < count; batch *= 2) {
    const size = Math.min(batch, count - done);
    const start = done;
    const results = await Promise.allSettled(Array.from({ length: size }, (_, index) => act(start + index)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    done += size;
  }
}
