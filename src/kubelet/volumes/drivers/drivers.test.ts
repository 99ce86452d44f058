import type { PersistentVolume, Volume } from '../../../api/core/v1/types.ts';
import { silentLogger } from '../../../base/logger.ts';
import { VirtualClock } from '../../../base/virtual-clock.ts';
import { SimulatedRuntime } from '../../runtime/simulated/simulated-runtime.ts';
import { Objects, settings } from '../../testing/volumes.ts';
import { describeVolumeDriver } from '../driver-contract.ts';
import { noVolumeDisk } from '../volume-disk.ts';
import { ownDrivers } from './all.ts';

const claim = { metadata: { name: 'c' }, spec: {} };
const local: PersistentVolume = { metadata: { name: 'pv' }, spec: { local: { path: '/disks/data' } } };
const rows: { name: string; volume: Omit<Volume, 'name'>; persistent?: PersistentVolume }[] = [
  { name: 'files of a ConfigMap', volume: { configMap: { name: 'settings' } } },
  { name: 'an empty folder', volume: { emptyDir: {} } },
  { name: 'a path of the machine', volume: { hostPath: { path: '/tmp' } } },
  { name: 'a local disk', volume: { persistentVolumeClaim: { claimName: 'c' } }, persistent: local },
];
for (const { name, volume, persistent } of rows)
  describeVolumeDriver(name, async (run) => {
    const clock = new VirtualClock();
    const objects = new Objects();
    objects.put('configmaps', settings);
    const drivers = ownDrivers({
      disk: noVolumeDisk,
      images: new SimulatedRuntime({ clock, name: 'node' }),
      objects,
      clock,
      log: silentLogger,
      token: async () => ({ token: 't', renewAt: Infinity }),
      allocatable: {},
      addresses: () => ({ podIps: [], hostIps: [] }),
    });
    const source = persistent?.spec ?? { name: 'v', ...volume };
    await run({
      driver: drivers.find((one) => one.supports(source))!,
      volume: { name: 'v', ...volume },
      ...(persistent && { persistent: { volume: persistent, claim } }),
    });
  });
