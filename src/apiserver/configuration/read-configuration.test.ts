import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError, readConfiguration } from './read-configuration.ts';

const authentication = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n';

function problemsOf(text: string): readonly string[] {
  try {
    readConfiguration(text);
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigurationError);
    return error.problems;
  }
}

test('a document is read by its kind', () => {
  const { authentication: read } = readConfiguration(
    `---\n${authentication}anonymous: { enabled: true, conditions: [{ path: /livez }] }\n---\n`,
  );
  assert.deepEqual(read?.anonymous, { enabled: true, conditions: [{ path: '/livez' }] });
});

test('a configuration is refused: a kind of others', () => {
  const [problem] = problemsOf('apiVersion: v1\nkind: Pod');
  assert.match(problem!, /^no kind "Pod" is registered for version "v1": there are AuthenticationConfiguration of /);
});

const refusals: readonly (readonly [what: string, text: string, ...problems: string[]])[] = [
  ['nothing', '# only words\n', 'there is no document in it'],
  ['what is no YAML', 'a: [', 'yaml: line 1: unexpected end of the stream within a flow collection'],
  ['a document without a kind', 'a: b', "Object 'Kind' is missing in a document"],
  ['a document without a version', 'kind: A', "Object 'apiVersion' is missing in a A"],
  [
    'two of a kind',
    `${authentication}---\n${authentication}`,
    'AuthenticationConfiguration: there is more than one document of this kind',
  ],
  [
    'fields that there are not, and fields twice',
    `${authentication}anonymous:\n  enabled: true\n  enabled: false\n  wide: true\nmore: 1\n`,
    'AuthenticationConfiguration: strict decoding error: line 5: key "enabled" already set in map, unknown field "anonymous.wide", unknown field "more"',
  ],
  [
    'where to record, and nothing to be recorded',
    'apiVersion: kubeling.dev/v1\nkind: AuditOutput',
    'AuditOutput: nothing would be recorded, as there is no Policy of audit.k8s.io/v1 beside it',
  ],
  [
    'a value of another type',
    `${authentication}anonymous: { enabled: often }`,
    'AuthenticationConfiguration: json: cannot unmarshal string into Go struct field AnonymousAuthConfig.anonymous.enabled of type bool',
  ],
  [
    'conditions of what is off',
    `${authentication}anonymous: { enabled: false, conditions: [{ path: /livez }] }`,
    'AuthenticationConfiguration: anonymous.conditions: Invalid value: [{"path":"/livez"}]: enabled should be set to true when conditions are defined',
  ],
  [
    'a webhook for tokens without a file, of no version, for no time',
    'apiVersion: kubeling.dev/v1\nkind: AuthenticationOptions\ntokenWebhook: { version: v2, cacheTTL: long }',
    'AuthenticationOptions: tokenWebhook.configFile: Required value',
    'AuthenticationOptions: tokenWebhook.version: Unsupported value: "v2": supported values: "v1", "v1beta1"',
    'AuthenticationOptions: tokenWebhook.cacheTTL: Invalid value: "long": time: invalid duration "long"',
  ],
  [
    'proxies that nobody vouches for, and that say nothing',
    "apiVersion: kubeling.dev/v1\nkind: AuthenticationOptions\nrequestHeader: { clientCA: a, uidHeaders: [' '] }",
    'AuthenticationOptions: requestHeader.clientCA: Invalid value: "<omitted>": data does not contain any valid certificates',
    'AuthenticationOptions: requestHeader.usernameHeaders: Required value',
    'AuthenticationOptions: requestHeader.uidHeaders[0]: Invalid value: " ": must not be empty',
  ],
];
for (const [what, text, ...problems] of refusals)
  test(`a configuration is refused: ${what}`, () => assert.deepEqual(problemsOf(text), problems));
