import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnonymousConfiguration } from '../../../src/apiserver/configuration/authentication-configuration.ts';
import { startHttpsApi } from '../../kit/https-api.ts';

const rows: readonly (readonly [what: string, anonymous: AnonymousConfiguration, codes: readonly number[]])[] = [
  ['whatever they ask for', { enabled: true }, [200, 200, 403]],
  ['for named paths only', { enabled: true, conditions: [{ path: '/livez' }] }, [200, 401, 401]],
  ['never', { enabled: false }, [401, 401, 401]],
];
for (const [what, anonymous, codes] of rows)
  test(`strangers are let in ${what}`, async () => {
    await using api = await startHttpsApi({ configuration: { authentication: { anonymous } } });
    const paths = ['/livez?verbose', '/version', '/api/v1/pods'];
    const answers = await Promise.all(paths.map((path) => api.ask(path, { who: null })));
    assert.deepEqual(
      answers.map(({ code }) => code),
      codes,
    );
    assert.equal((await api.ask('/api/v1/pods')).code, 200);
  });
