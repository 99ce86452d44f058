import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { AdmissionRequest } from './admission.ts';
import { AdmissionTallies } from './admission-tallies.ts';

const request = (operation: AdmissionRequest['operation']) => ({ operation }) as AdmissionRequest;
const context = {} as never;

/** `name type operation count seconds`, with `rejected` where that is so. */
function seen({ all }: AdmissionTallies): string[] {
  return all.map(({ name = 'all', type, operation, rejected, timings: { count, seconds } }) =>
    [name, type, operation, count, seconds, ...(rejected ? ['rejected'] : [])].join(' '),
  );
}

test('each plugin is counted by step and operation, and those that refuse by themselves', async () => {
  const clock = new VirtualClock();
  const tallies = new AdmissionTallies(clock);
  const { mutate, guard, validate, reserve } = tallies.timed({
    name: 'Own',
    mutate: () => clock.sleep(300),
    validate({ operation }) {
      if (operation === 'DELETE') throw new Error('no');
    },
    reserve: () => Promise.reject(new Error('none left')),
  });
  assert.equal(guard, undefined);
  void mutate!(request('CREATE'), context);
  await clock.advance(300);
  void validate!(request('CREATE'), context);
  void validate!(request('CREATE'), context);
  assert.throws(() => void validate!(request('DELETE'), context), { message: 'no' });
  await assert.rejects(async () => reserve!(request('CREATE'), context), { message: 'none left' });
  assert.deepEqual(seen(tallies), [
    'Own admit CREATE 1 0.3',
    'Own validate CREATE 2 0',
    'Own validate DELETE 1 0 rejected',
    'Own validate CREATE 1 0 rejected',
  ]);
});

test('a plugin goes on seeing itself', () => {
  const plugin = {
    name: 'Own',
    seen: 0,
    guard() {
      this.seen++;
    },
  };
  void new AdmissionTallies(new VirtualClock()).timed(plugin).guard!(request('CREATE'), context);
  assert.equal(plugin.seen, 1);
});

test('all plugins together are two steps', async () => {
  const clock = new VirtualClock();
  const tallies = new AdmissionTallies(clock);
  const phases = { mutate: () => undefined, guard() {}, validate: () => clock.sleep(20) };
  const { mutate, guard, validate } = tallies.timedPhases(phases, 'UPDATE');
  void mutate();
  void guard();
  void validate();
  await clock.advance(20);
  assert.deepEqual(seen(tallies), ['all admit UPDATE 1 0', 'all validate UPDATE 1 0.02']);
});
