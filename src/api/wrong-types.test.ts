import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeJson } from '../apimachinery/decode/decode.ts';
import { structureOf } from '../apimachinery/structure.ts';
import { schema } from './schema.ts';

/** What a server of Kubernetes says of values of the wrong type. */
const rows: readonly (readonly [definition: string, text: string, what: string])[] = [
  [
    'io.k8s.api.core.v1.Pod',
    '{"spec":{"volumes":[{"name":"c","configMap":{"name":"c","defaultMode":"0644"}}]}}',
    'string into Go struct field ConfigMapVolumeSource.spec.volumes.VolumeSource.configMap.defaultMode of type int32',
  ],
  [
    'io.k8s.api.core.v1.Pod',
    '{"spec":{"volumes":[{"name":1}]}}',
    'number into Go struct field Volume.spec.volumes.name of type string',
  ],
  [
    'io.k8s.api.apps.v1.Deployment',
    '{"spec":{"template":{"spec":{"containers":[{"livenessProbe":{"httpGet":"/"}}]}}}}',
    'string into Go struct field Probe.spec.template.spec.containers.livenessProbe.ProbeHandler.httpGet of type v1.HTTPGetAction',
  ],
  [
    'io.k8s.api.apps.v1.Deployment',
    '{"spec":{"template":{"spec":{"containers":[{"env":[{"valueFrom":{"secretKeyRef":{"name":5}}}]}]}}}}',
    'number into Go struct field SecretKeySelector.spec.template.spec.containers.env.valueFrom.secretKeyRef.LocalObjectReference.name of type string',
  ],
  [
    'io.k8s.api.networking.v1.Ingress',
    '{"spec":{"rules":[{"http":{"paths":[{"backend":{"service":{"port":{"number":"80"}}}}]}}]}}',
    'string into Go struct field ServiceBackendPort.spec.rules.IngressRuleValue.http.paths.backend.service.port.number of type int32',
  ],
];

for (const [definition, text, what] of rows)
  test(`${text} is refused as by Go`, () =>
    assert.throws(() => decodeJson(text, structureOf(schema, definition)), {
      name: 'DecodeError',
      message: `json: cannot unmarshal ${what}`,
    }));
