import { ProtobufDecoder } from '../apimachinery/protobuf/decoder.ts';
import inlined from '../../facts/protobuf-inline.json' with { type: 'json' };
import presence from '../../facts/presence.json' with { type: 'json' };
import { schema } from './schema.ts';

/** Decodes protobuf bodies of every recorded kind. */
export const protobufDecoder = new ProtobufDecoder({
  schema,
  inlined: inlined as Record<string, Record<string, number>>,
  presence,
});
