import { addonFailure, addons, foreignWords, usageFailure, type ForeignWord } from './foreign-words.ts';

/** What a command line means. */
export interface Meaning {
  /** The words of ours to go on with, or nothing more than `text` is to be done. */
  readonly argv?: readonly string[];
  /** For the user: to standard output where this was all and went well, otherwise to standard error. */
  readonly text: string;
  /** Where `argv` is absent. */
  readonly exitCode: number;
}

/** What a command line means to Kubeling. Pure. */
export function meaningOf(argv: readonly string[]): Meaning {
  const ours = withNames(argv);
  const word = foreignWords.find(
    ({ words, onlyWith }) =>
      startsWith(ours, words) && (onlyWith === undefined || ours.some((one) => onlyWith.includes(flagOf(one)))),
  );
  if (word?.means !== undefined) return translated(word, ours.slice(word.words.split(' ').length));
  if (word !== undefined)
    return {
      text: `"${word.words}" is a word of ${word.from}: ${word.says}`,
      exitCode: usageFailure[word.from],
    };
  if (startsWith(ours, 'tunnel'))
    return {
      text: 'No tunnel is needed: Services of type LoadBalancer answer on this machine; "kubeling service NAME --url" says where',
      exitCode: 0,
    };
  if (startsWith(ours, 'addons')) return ofAddons(ours.slice(1));
  return { argv: ours, text: '', exitCode: 0 };
}

function ofAddons([verb = '', addon]: readonly string[]): Meaning {
  const about = addon === undefined || !Object.hasOwn(addons, addon) ? undefined : addons[addon];
  if (verb === 'list')
    return {
      text: Object.entries(addons)
        .map(([one, what]) => `${one}: ${what}`)
        .join('\n'),
      exitCode: 0,
    };
  if (addon === undefined || (verb !== 'enable' && verb !== 'disable'))
    return {
      text: '"addons" is a word of minikube: type "kubeling addons list" or "kubeling addons enable NAME"',
      exitCode: usageFailure.minikube,
    };
  if (about === undefined)
    return {
      text: `"${addon}" is no addon here; there are ${Object.keys(addons).join(', ')}. Install others with helm or kubectl`,
      exitCode: addonFailure,
    };
  if (verb === 'disable') return { text: `"${addon}" is part of every cluster and stays`, exitCode: addonFailure };
  return { text: `The '${addon}' addon is enabled, as in every cluster: ${about}`, exitCode: 0 };
}

function translated(
  { means, flags = {}, ignored = [], ignoredSwitches = [] }: ForeignWord,
  rest: readonly string[],
): Meaning {
  const argv = means!.split(' ');
  const dropped: string[] = [];
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index]!;
    const flag = flagOf(word);
    if (word === '--') {
      argv.push(...rest.slice(index));
      break;
    }
    if (ignored.includes(flag) || ignoredSwitches.includes(flag)) {
      dropped.push(flag);
      if (ignored.includes(flag) && !word.includes('=')) index++;
    } else argv.push(`${flags[flag] ?? flag}${word.slice(flag.length)}`);
  }
  const text =
    dropped.length === 0
      ? ''
      : `note: ${dropped.join(', ')} ${dropped.length === 1 ? 'changes' : 'change'} nothing here`;
  return { argv, text, exitCode: 0 };
}

/** minikube names a cluster with `-p` or `--profile`, before or behind the command. What is for kubectl is left alone. */
function withNames(argv: readonly string[]): string[] {
  const words: string[] = [];
  const names: string[] = [];
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index]!;
    if (word === '--' || (words[0] === 'kubectl' && !word.startsWith('-'))) {
      words.push(...argv.slice(index));
      break;
    }
    const flag = flagOf(word);
    if (flag !== '-p' && flag !== '--profile') words.push(word);
    else names.push('--name', word === flag ? (argv[++index] ?? '') : word.slice(flag.length + 1));
  }
  return words[0] === 'kubectl' ? [words[0], ...names, ...words.slice(1)] : [...words, ...names];
}

/** A flag without its value behind `=`. */
function flagOf(word: string): string {
  return word.startsWith('-') ? word.split('=', 1)[0]! : word;
}

function startsWith(argv: readonly string[], words: string): boolean {
  return words.split(' ').every((word, index) => argv[index] === word);
}
