import { invalid, type FieldError } from '../../../apimachinery/validation.ts';

/** From the laxest to the strictest. */
const levels = ['privileged', 'baseline', 'restricted'] as const;
export type Level = (typeof levels)[number];

/** How strict, by the rules of which minor version of Kubernetes 1 (`undefined`: the newest known). */
export interface Demand {
  readonly level: Level;
  readonly minor?: number;
}

/** What becomes of pods that break a demand: they are refused, recorded, or their sender is warned. */
export interface Policy {
  readonly enforce: Demand;
  readonly audit: Demand;
  readonly warn: Demand;
}

const anything: Demand = { level: 'privileged' };
export const everythingAllowed: Policy = { enforce: anything, audit: anything, warn: anything };

const prefix = 'pod-security.kubernetes.io/';
export const modes = ['enforce', 'audit', 'warn'] as const;
type Mode = (typeof modes)[number];
type Labels = Readonly<Record<string, string>> | undefined;

/**
 * The policy of a namespace by its labels; where they say nothing, that of `defaults`. Labels that cannot be read make
 * enforcement the strictest, and the other modes the laxest.
 */
export function policyOf(labels: Labels, defaults: Policy): { readonly policy: Policy; readonly errors: FieldError[] } {
  const errors: FieldError[] = [];
  if (!isLabelled(labels)) return { policy: defaults, errors };
  const read = (mode: Mode): Demand => demandOf(labels!, mode, defaults[mode], errors);
  const [enforce, audit, warn] = [read('enforce'), read('audit'), read('warn')];
  return { policy: { enforce, audit, warn: warnedToo(labels!, enforce, warn) }, errors };
}

export function isLabelled(labels: Labels): boolean {
  if (labels === undefined) return false;
  return modes.some((mode) => hasLevel(labels, mode) || labels[`${prefix}${mode}-version`] !== undefined);
}

/** Whether a label of the mode itself says how strict it is, or by which version. */
export function isSaid(labels: Labels, mode: Mode): boolean {
  return labels?.[prefix + mode] !== undefined || labels?.[`${prefix}${mode}-version`] !== undefined;
}

function hasLevel(labels: Readonly<Record<string, string>>, mode: Mode): boolean {
  return labels[prefix + mode] !== undefined;
}

function demandOf(labels: Readonly<Record<string, string>>, mode: Mode, usual: Demand, errors: FieldError[]): Demand {
  const level = labels[prefix + mode];
  const version = labels[`${prefix}${mode}-version`];
  const complain = (label: string, value: string, rule: string): unknown =>
    errors.push(invalid(`metadata.labels[${prefix}${label}]`, value, rule));
  let demand: Demand = usual;
  if (level !== undefined) {
    const known = isLevel(level);
    if (!known) complain(mode, level, `must be one of ${levels.join(', ')}`);
    demand = { ...demand, level: known ? level : mode === 'enforce' ? 'restricted' : 'privileged' };
  }
  if (version !== undefined) {
    const [, minor] = /^v1\.(0|[1-9]\d*)$/.exec(version) ?? [];
    if (minor === undefined && version !== 'latest') complain(`${mode}-version`, version, 'must be "latest" or "v1.x"');
    const { minor: _usual, ...rest } = demand;
    demand = minor === undefined ? rest : { ...rest, minor: Number(minor) };
  }
  return demand;
}

function isLevel(text: string): text is Level {
  return (levels as readonly string[]).includes(text);
}

/** Who demands more than the usual and says nothing of warnings has others warned of it, too. */
function warnedToo(labels: Readonly<Record<string, string>>, enforce: Demand, warn: Demand): Demand {
  const level = labels[`${prefix}enforce`];
  if (hasLevel(labels, 'warn') || level === undefined || !isLevel(level)) return warn;
  if (strictness(enforce.level) <= strictness(warn.level)) return warn;
  return labels[`${prefix}warn-version`] === undefined ? enforce : { ...warn, level: enforce.level };
}

export function strictness(level: Level): number {
  return levels.indexOf(level);
}

/** `baseline:latest`, `restricted:v1.25`. */
export function demandText({ level, minor }: Demand): string {
  return `${level}:${minor === undefined ? 'latest' : `v1.${minor}`}`;
}

export function sameDemand(a: Demand, b: Demand): boolean {
  return a.level === b.level && a.minor === b.minor;
}
