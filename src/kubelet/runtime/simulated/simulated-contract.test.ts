import { systemClock } from '../../../base/system-clock.ts';
import { describeRuntimeContract } from '../contract.ts';
import type { SimulatedBehaviour } from './behaviour.ts';
import { SimulatedRuntime } from './simulated-runtime.ts';

const behaviours: Record<string, SimulatedBehaviour> = {
  obedient: { stopExitCode: 7 },
  stubborn: { ignoresTerm: true },
  failing: { exitAfterMs: 1, exitCode: 3 },
  broken: { startError: 'exec: "no-such-program": executable file not found in $PATH' },
};
const program = (image: string) => ({ image, command: ['no-such-program'] });

describeRuntimeContract('the simulated runtime', async () => {
  const delays = { sandbox: 1, create: 1, start: 1, teardown: 1 };
  const runtime = new SimulatedRuntime({
    clock: systemClock,
    name: 'node',
    delays,
    behaviour: ({ image }) => behaviours[image]!,
    images: (reference) => (reference in behaviours ? 'present' : { refusal: 'not here' }),
  });
  await runtime.setPodCidr('10.244.0.0/24');
  return {
    runtime,
    untilTerminated: program('obedient'),
    stubborn: program('stubborn'),
    exitsWithThree: program('failing'),
    missing: program('broken'),
    cgroupParent: '/pods',
    logDirectory: '/logs',
    settle: () => systemClock.sleep(1),
    [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose](),
  };
});
