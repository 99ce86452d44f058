import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trimWindows, type WindowBounds } from './window-bounds.ts';

const bounds: WindowBounds = { kindBytes: 100, totalBytes: 250, ageMs: 1000 };

/** A window that lets go of what it must; changes of 10 bytes each, the last at the time 0. */
function windowOf(windowBytes: number) {
  const window = {
    windowBytes,
    oldest: undefined as number | undefined,
    trim(bytes: number, time: number): void {
      window.windowBytes = Math.min(window.windowBytes, bytes);
      window.oldest = time;
    },
  };
  return window;
}

test('a kind keeps no more than its bytes, and others are let alone', () => {
  const [large, small] = [windowOf(170), windowOf(20)];
  trimWindows([large, small], bounds, 5000, false);
  assert.deepEqual([large.windowBytes, small.windowBytes, small.oldest], [100, 20, undefined]);
});

test('together they keep no more than the total, which the largest makes room for', () => {
  const windows = [windowOf(90), windowOf(100), windowOf(95)];
  trimWindows(windows, bounds, 5000, false);
  assert.deepEqual(
    windows.map(({ windowBytes }) => windowBytes),
    [90, 65, 95],
  );
});

test('what is too old goes from all, when it is time to look', () => {
  const windows = [windowOf(10), windowOf(20)];
  trimWindows(windows, bounds, 5000, true);
  assert.deepEqual(
    windows.map(({ oldest }) => oldest),
    [4000, 4000],
  );
});
