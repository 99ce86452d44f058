import { gzip } from 'node:zlib';
import { promisify } from 'node:util';
import { ByteWriter } from '../../apimachinery/protobuf/writer.ts';

/** A place in the program. Lines begin with 1; 0: not known. */
export interface Frame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** What was found at one stack; the innermost frame is the first. */
export interface StackSample {
  readonly stack: readonly Frame[];
  /** One for each of the profile's types. */
  readonly values: readonly number[];
}

/** What pprof reads: the message `perftools.profiles.Profile`. */
export interface StackProfile {
  /** What the values are, and in which unit: `cpu` in `nanoseconds`. */
  readonly types: readonly (readonly [type: string, unit: string])[];
  readonly samples: readonly StackSample[];
  /** Wall time of the beginning, in milliseconds. */
  readonly began: number;
  readonly durationMs: number;
  /** How far samples lie apart, in a type of its own. */
  readonly period: { readonly type: readonly [type: string, unit: string]; readonly every: number };
}

const compressed = promisify(gzip);

/** The file that pprof takes. */
export async function pprofFile(profile: StackProfile): Promise<Buffer> {
  return compressed(encodeProfile(profile));
}

/** Texts and frames by number; the number of a frame is that of its location and of its function. */
class Numbering<T> {
  readonly all: T[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #first: number;

  constructor(first: number) {
    this.#first = first;
  }

  of(item: T, key: string): number {
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#first + this.all.length;
      this.all.push(item);
      this.#numbers.set(key, number);
    }
    return number;
  }
}

/** Numbers of the fields are those of pprof's profile.proto. */
function encodeProfile({ types, samples, began, durationMs, period }: StackProfile): Uint8Array {
  const texts = new Numbering<string>(0);
  const text = (value: string): number => texts.of(value, value);
  text('');
  const frames = new Numbering<Frame>(1);
  const frameOf = (frame: Frame): number => frames.of(frame, `${frame.name}\n${frame.file}\n${frame.line}`);
  const sampleParts = samples.map(({ stack, values }) =>
    message((out) => {
      packed(out, 2, values);
      packed(out, 1, stack.map(frameOf));
    }),
  );
  const typePart = ([type, unit]: readonly [string, string]): Uint8Array => {
    const [typeNumber, unitNumber] = [text(type), text(unit)];
    return message((out) => {
      integer(out, 2, unitNumber);
      integer(out, 1, typeNumber);
    });
  };
  const typeParts = types.map(typePart);
  const periodPart = typePart(period.type);
  const functionParts = frames.all.map(({ name, file, line }, at) => {
    const [nameNumber, fileNumber] = [text(name), text(file)];
    return message((out) => {
      integer(out, 5, line);
      integer(out, 4, fileNumber);
      integer(out, 3, nameNumber);
      integer(out, 2, nameNumber);
      integer(out, 1, at + 1);
    });
  });
  const locationParts = frames.all.map(({ line }, at) =>
    message((out) => {
      part(
        out,
        4,
        message((inner) => {
          integer(inner, 2, line);
          integer(inner, 1, at + 1);
        }),
      );
      integer(out, 1, at + 1);
    }),
  );
  // Written from its end to its beginning, as the writer does.
  return message((out) => {
    integer(out, 12, period.every);
    part(out, 11, periodPart);
    integer(out, 10, Math.round(durationMs * 1e6));
    integer(out, 9, Math.round(began * 1e6));
    parts(
      out,
      6,
      texts.all.map((one) => Buffer.from(one)),
    );
    parts(out, 5, functionParts);
    parts(out, 4, locationParts);
    parts(out, 2, sampleParts);
    parts(out, 1, typeParts);
  });
}

function message(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(256);
  write(out);
  return out.take();
}

function integer(out: ByteWriter, field: number, value: number): void {
  if (value === 0) return;
  out.integer(value);
  out.small(field * 8);
}

function part(out: ByteWriter, field: number, bytes: Uint8Array): void {
  out.bytes(bytes);
  out.small(field * 8 + 2);
}

function parts(out: ByteWriter, field: number, all: readonly Uint8Array[]): void {
  for (const one of all.toReversed()) part(out, field, one);
}

function packed(out: ByteWriter, field: number, values: readonly number[]): void {
  part(
    out,
    field,
    message((inner) => {
      for (const value of values.toReversed()) inner.integer(value);
    }),
  );
}
