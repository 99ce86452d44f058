import { EndpointSlices, type EndpointPort, type EndpointSlice } from '../../../api/discovery/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { invalid } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkOneOf, immutableField, type Errors } from '../checks.ts';
import { checkEndpoints, checkEndpointPorts } from './endpoint-checks.ts';

const addressTypes = ['FQDN', 'IPv4', 'IPv6'];
const shownEntries = 3;

export const endpointSlice: ResourceDefinition<EndpointSlice> = {
  type: EndpointSlices,

  strategy: {
    hasGeneration: true,
    generationCounts: 'labels',

    defaults(draft) {
      for (const port of draft.ports ?? []) {
        port.name ??= '';
        port.protocol ??= 'TCP';
      }
      for (const endpoint of draft.endpoints ?? []) endpoint.conditions ??= {};
    },

    prepareForCreate(draft) {
      storeEmptyAsNull(draft);
      dropTopology(draft);
    },
    prepareForUpdate(draft, old) {
      storeEmptyAsNull(draft);
      if (!jsonEqual(draft.endpoints, old.endpoints)) dropTopology(draft);
    },

    validate(object, old) {
      const errors: Errors = [];
      const { addressType } = object;
      checkOneOf(errors, 'addressType', addressType, addressTypes, { emptyIsMissing: true });
      // What is stored already stays good, whatever else changes.
      if (old === undefined || !jsonEqual(object.endpoints, old.endpoints))
        checkEndpoints(errors, object.endpoints ?? [], addressType, 'endpoints');
      if (old === undefined || !jsonEqual(object.ports, old.ports))
        checkEndpointPorts(errors, object.ports ?? [], 'ports');
      if (old !== undefined && addressType !== old.addressType)
        errors.push(invalid('addressType', addressType, immutableField));
      return errors;
    },

    warnings: ({ addressType }) => (addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.addressType,
      listText((object.ports ?? []).map(portText), '<unset>'),
      listText(
        (object.endpoints ?? []).flatMap(({ addresses }) => addresses),
        '<unset>',
      ),
      ageOf(object, now),
    ],
  },
};

/** Both lists are written even when there are none, and whoever sent empty ones owns them. */
function storeEmptyAsNull(draft: EndpointSlice): void {
  if (!draft.endpoints?.length) draft.endpoints = null;
  if (!draft.ports?.length) draft.ports = null;
}

/** The first version does not write what the versions before it had. */
function dropTopology({ endpoints }: EndpointSlice): void {
  for (const endpoint of endpoints ?? []) delete endpoint.deprecatedTopology;
}

function portText({ port, name }: EndpointPort): string {
  return port === undefined ? name || '*' : String(port);
}

function listText(entries: readonly string[], ifNone: string): string {
  if (entries.length === 0) return ifNone;
  const shown = entries.slice(0, shownEntries).join(',');
  return entries.length > shownEntries ? `${shown} + ${entries.length - shownEntries} more...` : shown;
}
