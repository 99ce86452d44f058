import { ProtobufCodec } from '../apimachinery/protobuf/codec.ts';
import inlined from '../../facts/protobuf-inline.json' with { type: 'json' };
import presence from '../../facts/presence.json' with { type: 'json' };
import { schema } from './schema.ts';

/** Protobuf messages of every recorded kind. */
export const protobuf = new ProtobufCodec({
  schema,
  inlined: inlined as Record<string, Record<string, number>>,
  presence,
});
