import {
  VolumeAttachments,
  type VolumeAttachment,
  type VolumeAttachmentSource,
  type VolumeError,
} from '../../../api/storage/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { byteLength } from '../../../apimachinery/go-text.ts';
import { rangeComplaint } from '../../../apimachinery/names.ts';
import { forbidden, invalid, required, tooLong } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkDnsSubdomain, immutableField, type Errors } from '../checks.ts';
import { volumeSpecDefaults } from '../core/persistent-volume/persistent-volume.ts';
import { checkInlineVolumeSpec } from '../core/persistent-volume/spec.ts';
import { checkCsiDriverName } from '../core/pod-spec/remote-disks.ts';
import { internalForm } from '../core/pod/internal-form.ts';

const mostMetadataBytes = 256 * 1024;
const longestMessage = 1024;

/** An intent that a volume be attached to a node, and what its driver did about it (CSI). */
export const volumeAttachment: ResourceDefinition<VolumeAttachment> = {
  type: VolumeAttachments,

  strategy: {
    returnDeletedObject: true,
    allowUnconditionalUpdate: false,
    hasGeneration: false,

    defaults({ spec }) {
      if (spec?.source?.inlineVolumeSpec !== undefined) volumeSpecDefaults(spec.source.inlineVolumeSpec);
    },

    prepareForCreate(draft) {
      draft.status = { attached: false };
    },

    validate(object, old) {
      const errors: Errors = [];
      checkAttachment(errors, object);
      const { spec } = object;
      const name = spec.source?.persistentVolumeName;
      if (name !== undefined) checkDnsSubdomain(errors, 'spec.source.persistentVolumeName', name);
      if (old !== undefined && !semanticEqual(spec, old.spec))
        errors.push(invalid('spec', internalForm(spec, 'VolumeAttachmentSpec'), immutableField));
      return errors;
    },

    status: {
      validate(object) {
        const errors: Errors = [];
        checkAttachment(errors, object);
        return errors;
      },
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.spec.attacher,
      object.spec.source.persistentVolumeName ?? '',
      object.spec.nodeName,
      object.status?.attached ?? false,
      ageOf(object, now),
    ],
  },
};

function checkAttachment(errors: Errors, { spec, status }: Readonly<VolumeAttachment>): void {
  checkCsiDriverName(errors, spec.attacher ?? '', 'spec.attacher');
  checkSource(errors, spec.source ?? {}, 'spec.source');
  checkDnsSubdomain(errors, 'spec.nodeName', spec.nodeName ?? '');
  let bytes = 0;
  for (const [key, value] of Object.entries(status?.attachmentMetadata ?? {})) bytes += byteLength(key + value);
  if (bytes > mostMetadataBytes) errors.push(tooLong('status.attachmentMetadata', mostMetadataBytes));
  if (status?.attachError !== undefined) checkError(errors, status.attachError, 'status.attachError');
  if (status?.detachError !== undefined) checkError(errors, status.detachError, 'status.detachError');
}

function checkSource(errors: Errors, source: Readonly<VolumeAttachmentSource>, field: string): void {
  const { inlineVolumeSpec: inline, persistentVolumeName: name } = source;
  const problem = 'must specify exactly one of inlineVolumeSpec and persistentVolumeName';
  if (inline === undefined && name === undefined) errors.push(required(field, problem));
  else if (inline !== undefined && name !== undefined) errors.push(forbidden(field, problem));
  else if (inline !== undefined) checkInlineVolumeSpec(errors, inline, `${field}.inlineVolumeSpec`);
  else if (name === '')
    errors.push(required(`${field}.persistentVolumeName`, 'must specify non empty persistentVolumeName'));
}

function checkError(errors: Errors, { message = '', errorCode }: Readonly<VolumeError>, field: string): void {
  // The bound in the complaint is another one than the one that is kept, in Kubernetes too.
  if (byteLength(message) > longestMessage) errors.push(tooLong(`${field}.message`, mostMetadataBytes));
  if (errorCode !== undefined && errorCode < 0)
    errors.push(invalid(`${field}.errorCode`, errorCode, rangeComplaint(0, 2 ** 31 - 1)));
}
