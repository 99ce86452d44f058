import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn } from '../../base/turn.ts';
import { makePod } from '../testing/pods.ts';
import { volumeContents, type ContentSources } from './volume-contents.ts';

test('the tokens of a volume are asked for one after the other', async () => {
  let open = 0;
  let most = 0;
  const sources = {
    async token({ audience }: { audience?: string | undefined }) {
      most = Math.max(most, ++open);
      await nextTurn();
      open--;
      return { token: `for ${audience}`, renewAt: 1 };
    },
  } as unknown as ContentSources;
  const projections = Array.from({ length: 50 }, (_, at) => ({
    serviceAccountToken: { path: `t${at}`, audience: `a${at}` },
  }));
  const { files } = await volumeContents(makePod(), { name: 'v', projected: { sources: projections } }, sources);
  assert.equal(most, 1);
  assert.deepEqual([files.length, files[49]!.path, files[49]!.data], [50, 't49', 'for a49']);
});
