import { sizeOf, type Version } from '../history.ts';
import type { Revision } from '../store.ts';

/**
 * What is written of a version besides its value: so small that all of them can be read when the store is opened.
 *
 *     0  flags, 1: deleted
 *     1  created          float64
 *     9  not used; older programs wrote the time here
 *    17  end of its lease float64, wall milliseconds, 0: it has none
 *    25  length of value  uint32
 *    29  length of key    uint16
 *    31  key              UTF-8
 *        not read; older programs wrote a cause here, as JSON
 */
const headLength = 31;
const deletedFlag = 1;

const longestKey = 0xffff;

export function encodeRecord(version: Version): Buffer {
  const keyLength = Buffer.byteLength(version.key);
  if (keyLength === 0 || keyLength > longestKey)
    throw new RangeError(`Cannot store a key of ${keyLength} bytes: it must have 1 to ${longestKey}`);
  // From Node's pool, as it lives only until it is committed.
  const record = Buffer.allocUnsafe(headLength + keyLength);
  record[0] = version.deleted ? deletedFlag : 0;
  record.writeDoubleLE(version.created, 1);
  record.writeDoubleLE(0, 9);
  record.writeDoubleLE(version.ends, 17);
  record.writeUInt32LE(version.value?.length ?? 0, 25);
  record.writeUInt16LE(keyLength, 29);
  record.write(version.key, headLength);
  return record;
}

/** The version without its value. */
export function decodeRecord(modified: Revision, record: Buffer): Version {
  const keyEnd = headLength + record.readUInt16LE(29);
  if (record.length < keyEnd) throw new Error(`The record of revision ${modified} is cut off`);
  const key = record.toString('utf8', headLength, keyEnd);
  return {
    key,
    created: record.readDoubleLE(1),
    modified,
    deleted: (record[0]! & deletedFlag) !== 0,
    ends: record.readDoubleLE(17),
    size: sizeOf(key, record.readUInt32LE(25)),
    value: undefined,
    older: undefined,
  };
}
