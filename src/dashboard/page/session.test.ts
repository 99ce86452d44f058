import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signal } from '@preact/signals';
import { closeDetails, linkTo, servedKind } from './session.ts';
import './testing/mounted.ts';
import { servedKind as kind, sessionOf } from './testing/session-of.ts';

test('details open beside what is shown, and close without leaving it', () => {
  const session = sessionOf({}, { view: 'kinds', kind: 'jobs.batch', open: { id: 'jobs.batch', name: 'a' } });
  assert.equal(linkTo(session, { id: 'pods', namespace: 'shop', name: 'web' }), '#kinds:jobs.batch/pods/shop/web');
  closeDetails(session);
  assert.equal(location.hash, '#kinds:jobs.batch');
});

test('a kind is found by its name', () => {
  const jobs = kind('jobs.batch', 'Job');
  const session = sessionOf({ kinds: signal([jobs]) });
  assert.equal(servedKind(session, 'jobs.batch'), jobs);
  assert.equal(servedKind(session, 'jobs'), undefined);
  assert.equal(servedKind(session, undefined), undefined);
});
