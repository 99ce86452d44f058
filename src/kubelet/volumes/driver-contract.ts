import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Volume } from '../../api/core/v1/types.ts';
import { ContentRoom } from './content-room.ts';
import { makePod } from '../testing/pods.ts';
import type { NodeVolume, VolumeDriver, VolumeUse } from './volume-driver.ts';

/** A driver to be tested, and a volume that it can show. */
export interface DriverUnderTest {
  readonly driver: VolumeDriver;
  readonly volume: Volume;
  readonly persistent?: NonNullable<VolumeUse['persistent']>;
}

/** What every driver of volumes must do. */
export function describeVolumeDriver(
  name: string,
  make: (run: (under: DriverUnderTest) => Promise<void>) => Promise<void>,
): void {
  const open = async ({ driver, volume, persistent }: DriverUnderTest, podUid: string): Promise<NodeVolume> => {
    const pod = makePod({ volumes: [volume] }, { metadata: { name: 'web', namespace: 'default', uid: podUid } });
    const room = new ContentRoom();
    const use = { pod: () => pod, volume, readOnly: false, room, retry: () => undefined };
    return await driver.open({ ...use, ...(persistent && { persistent }) });
  };
  const show = async (volume: NodeVolume) => {
    await volume.shared?.attached();
    await volume.shared?.stage();
    return await volume.publish();
  };

  describe(`volume driver: ${name}`, () => {
    test('takes its own volumes and no others', () =>
      make(async ({ driver, volume, persistent }) => {
        assert.equal(driver.supports(persistent?.volume.spec ?? volume), true);
        assert.equal(driver.supports({ name: 'v', nfs: { server: 's', path: '/' } }), false);
        assert.match(driver.name, /^[a-z0-9.-]+\/[a-z-]+$/);
      }));

    test('a volume is shown again where it is', () =>
      make(async (under) => {
        const volume = await open(under, 'u1');
        const { path } = await show(volume);
        assert.match(path, /^\//);
        assert.deepEqual(await show(volume), await show(await open(under, 'u1')));
        assert.equal((await show(volume)).path, path);
        await volume.unpublish?.();
        await volume.unpublish?.();
        await volume.shared?.unstage();
        await volume.shared?.unstage();
        await volume.close?.();
      }));

    test('what a pod shares with others has one name, and what is its own none', () =>
      make(async (under) => {
        const [one, other] = [await open(under, 'u1'), await open(under, 'u2')];
        assert.equal(one.shared?.id, other.shared?.id);
      }));

    test('a later agent finds what was begun and not undone', () =>
      make(async (under) => {
        const volume = await open(under, 'u1');
        await show(volume);
        await volume.close?.();
        const found = (await under.driver.reconstruct?.()) ?? [];
        assert.equal(found.length > 0, volume.unpublish !== undefined, 'a volume that must be undone is found again');
        for (const one of found) {
          assert.deepEqual([one.podUid, one.volume.shared?.id], ['u1', volume.shared?.id]);
          await one.volume.unpublish?.();
          await one.volume.shared?.unstage();
        }
        assert.deepEqual((await under.driver.reconstruct?.()) ?? [], []);
      }));
  });
}
