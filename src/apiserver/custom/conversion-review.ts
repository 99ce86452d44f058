import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { parseJson } from '../../apimachinery/decode/parse-json.ts';
import { goQuote } from '../../apimachinery/go-text.ts';
import { validateAnnotations, validateLabels } from '../../apimachinery/object-meta.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { isObject, jsonTypeName, type JsonObject } from '../../apimachinery/patch/json-value.ts';
import { RawNumber } from '../../apimachinery/raw-number.ts';
import { fieldErrorText } from '../../apimachinery/validation.ts';
import { goTypeMeta } from '../rest/unrecognized.ts';

const group = 'apiextensions.k8s.io';

/** The versions of ConversionReview that are spoken here. */
export type ReviewVersion = 'v1' | 'v1beta1';

/** What is asked of a conversion webhook. */
export interface ConversionQuestion {
  readonly version: ReviewVersion;
  readonly uid: string;
  /** With kind and apiVersion. */
  readonly objects: readonly KubeObject[];
  /** What they are to become. */
  readonly apiVersion: string;
}

/** How a conversion failed, as the metric of Kubernetes names it. */
export type ConversionFailure =
  | 'conversion_webhook_call_failure'
  | 'conversion_webhook_malformed_response_failure'
  | 'conversion_webhook_partial_response_failure'
  | 'conversion_webhook_invalid_converted_object_failure';

/** A webhook did not convert what it was asked to; the message is the client's. */
export class ConversionError extends Error {
  override readonly name = 'ConversionError';
  readonly failure: ConversionFailure;

  constructor(failure: ConversionFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** The body that asks. */
export function conversionReview({ version, uid, objects, apiVersion }: ConversionQuestion): object {
  const request = { uid, desiredAPIVersion: apiVersion, objects };
  return { kind: 'ConversionReview', apiVersion: `${group}/${version}`, request };
}

/** How a question is called in messages: by the first of its objects. */
export function questionName({ objects: [first] }: ConversionQuestion): string {
  return `conversion webhook for ${first?.apiVersion ?? ''}, Kind=${first?.kind ?? ''}`;
}

/**
 * The objects of an answer, in the order of the question: of their metadata labels and annotations are the answer's.
 * Throws {@link ConversionError}.
 */
export function answeredObjects(text: string, question: ConversionQuestion): KubeObject[] {
  const { objects } = question;
  const name = questionName(question);
  const given = givenObjects(text, question, (failure, why) => new ConversionError(failure, `${name} failed: ${why}`));
  if (given.length !== objects.length)
    throw new ConversionError(
      'conversion_webhook_partial_response_failure',
      `${name} returned ${given.length} objects, expected ${objects.length}`,
    );
  return given.map((one, at) => {
    try {
      return answeredObject(one, objects[at]!, question, at);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const message = error.isBare ? error.message : `${name} returned ${error.message}`;
      throw new ConversionError('conversion_webhook_invalid_converted_object_failure', message);
    }
  });
}

/** What is wrong with one object; `isBare`: told without saying who made it, as upstream does. */
class Refusal extends Error {
  readonly isBare: boolean;

  constructor(message: string, isBare = false) {
    super(message);
    this.isBare = isBare;
  }
}

type Fail = (failure: ConversionFailure, why: string) => ConversionError;

function givenObjects(text: string, { version, uid }: ConversionQuestion, fail: Fail): readonly unknown[] {
  const review = reviewIn(text, (why) => fail('conversion_webhook_call_failure', why));
  const [kind, apiVersion] = [textOf(review['kind']), textOf(review['apiVersion'])];
  const wanted = `${group}/${version}`;
  const isOther = (kind !== '' && kind !== 'ConversionReview') || (apiVersion !== '' && apiVersion !== wanted);
  if (isOther)
    throw fail(
      'conversion_webhook_call_failure',
      `no kind ${goQuote(kind || 'ConversionReview')} is registered for version ${goQuote(apiVersion || wanted)} in scheme "pkg/runtime/scheme.go:111"`,
    );
  const malformed = (why: string) => fail('conversion_webhook_malformed_response_failure', why);
  if (version === 'v1' && (kind === '' || apiVersion === ''))
    throw malformed(
      `expected webhook response of ${wanted}, Kind=ConversionReview, got ${apiVersion || '/'}, Kind=${kind}`,
    );
  const { response } = review;
  if (!isObject(response)) throw malformed('no response provided');
  if (version === 'v1' && response['uid'] !== uid)
    throw malformed(`expected response.uid=${goQuote(uid)}, got ${goQuote(textOf(response['uid']))}`);
  const result = isObject(response['result']) ? response['result'] : {};
  if (result['status'] !== 'Success')
    throw malformed(
      textOf(result['message']) || `response.result.status was '${textOf(result['status'])}', not 'Success'`,
    );
  const objects = response['convertedObjects'] ?? [];
  if (Array.isArray(objects)) return objects;
  throw fail(
    'conversion_webhook_call_failure',
    `json: cannot unmarshal ${jsonTypeName(objects)} into Go struct field ConversionResponse.response.convertedObjects of type []runtime.RawExtension`,
  );
}

function reviewIn(text: string, fail: (why: string) => ConversionError): JsonObject {
  const cannot = (why: string) => fail(`couldn't get version/kind; json parse error: ${why}`);
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    // What is no JSON is YAML to Go's client, in which nearly everything is a text.
    if (text.trimStart().startsWith('{')) throw cannot(error.message);
    value = text;
  }
  if (isObject(value)) return value;
  throw cannot(`json: cannot unmarshal ${jsonTypeName(value)} into Go value of type ${goTypeMeta}`);
}

function answeredObject(given: unknown, asked: KubeObject, { objects, apiVersion }: ConversionQuestion, at: number) {
  const isAlone = objects.length === 1;
  const place = `${isAlone ? 'invalid object' : 'invalid converted object'} at index ${at}`;
  const undecodable = (why: string) => (isAlone ? new Refusal(why, true) : new Refusal(`${place}: ${why}`));
  if (given === null) throw undecodable('unexpected end of JSON input');
  if (!isObject(given))
    throw undecodable(`json: cannot unmarshal ${jsonTypeName(given)} into Go value of type map[string]interface {}`);
  const kind = textOf(given['kind']);
  if (kind === '') throw undecodable(`Object 'Kind' is missing in '${JSON.stringify(given)}'`);
  const version = textOf(given['apiVersion']);
  if (version !== apiVersion)
    throw new Refusal(`${place}: invalid groupVersion (expected ${apiVersion}, received ${version})`);
  if (kind !== asked.kind) throw new Refusal(`${place}: invalid kind (expected ${asked.kind}, received ${kind})`);
  const metadata = isObject(given['metadata']) ? given['metadata'] : {};
  for (const [field, called] of identity)
    if (textOf(metadata[field]) !== (asked.metadata[field] ?? ''))
      throw new Refusal(
        `${isAlone ? 'invalid object' : place}: must have the same ${called}: ${asked.metadata[field] ?? ''} != ${textOf(metadata[field])}`,
      );
  const where = isAlone ? 'invalid metadata' : `invalid metadata in object at index ${at}`;
  return { ...given, metadata: keptMetadata(asked, metadata, where) } as unknown as KubeObject;
}

const identity = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;

/** The metadata that was sent, with the labels and annotations that came back. */
function keptMetadata({ metadata }: KubeObject, given: JsonObject, where: string): KubeObject['metadata'] {
  const { labels, annotations, ...kept } = metadata;
  const own = {
    labels: keptTexts('labels', labels, given['labels'], where),
    annotations: keptTexts('annotations', annotations, given['annotations'], where),
  };
  return {
    ...kept,
    ...(own.labels !== undefined && { labels: own.labels }),
    ...(own.annotations !== undefined && { annotations: own.annotations }),
  };
}

type Texts = Readonly<Record<string, string>>;

function keptTexts(field: 'labels' | 'annotations', before: Texts = {}, given: unknown, where: string) {
  if (given === undefined || given === null) return undefined;
  if (!isObject(given))
    throw new Refusal(`${where}: invalid metadata.${field} of type ${goType(given)} in converted object`);
  const names = Object.keys(given);
  for (const name of names)
    if (typeof given[name] !== 'string')
      throw new Refusal(
        `${where}: metadata.${field}[${name}] must be a string, but is ${goType(given[name])} in converted object`,
      );
  const texts = given as Record<string, string>;
  if (names.length === Object.keys(before).length && names.every((name) => texts[name] === before[name])) return texts;
  const errors =
    field === 'labels' ? validateLabels(texts, 'metadata.labels') : validateAnnotations(texts, 'metadata.annotation');
  if (errors.length === 0) return texts;
  const told = [...new Set(errors.map(fieldErrorText))];
  throw new Refusal(`${where}: ${told.length === 1 ? told[0]! : `[${told.join(', ')}]`}`);
}

/** What Go decodes a value of JSON as. */
function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (value instanceof RawNumber) return value.integer === undefined ? 'float64' : 'int64';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
