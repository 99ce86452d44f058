import {
  PriorityLevelConfigurations,
  type ExemptPriorityLevelConfiguration,
  type LimitedPriorityLevelConfiguration,
  type PriorityLevelConfiguration,
  type PriorityLevelConfigurationSpec,
  type QueuingConfiguration,
} from '../../../api/flowcontrol/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { forbidden, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { recorded } from '../../bootstrap/recorded.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkConditions } from './conditions.ts';
import { fixedNames } from './fixed-names.ts';

const types = ['Exempt', 'Limited'];
const responses = ['Queue', 'Reject'];
const mostQueues = 10_000_000;
/** So many bits a hash of a flow has to draw a hand of queues from. */
const mostEntropyBits = 60;

/** How many requests of one priority are served at once, and what becomes of more (API priority and fairness). */
export const priorityLevelConfiguration: ResourceDefinition<PriorityLevelConfiguration> = {
  type: PriorityLevelConfigurations,

  strategy: {
    defaults({ spec }) {
      const { exempt, limited } = spec;
      if (exempt !== undefined) {
        exempt.nominalConcurrencyShares ??= 0;
        exempt.lendablePercent ??= 0;
      }
      if (limited === undefined) return;
      limited.nominalConcurrencyShares ??= 30;
      limited.lendablePercent ??= 0;
      const { queuing } = limited.limitResponse ?? {};
      if (queuing === undefined) return;
      queuing.handSize ||= 8;
      queuing.queues ||= 64;
      queuing.queueLengthLimit ||= 50;
    },

    prepareForCreate(draft) {
      draft.status = {};
    },

    validate({ metadata: { name = '' }, spec, status }) {
      const errors: Errors = [];
      checkSpec(errors, name, spec);
      checkFixed(errors, name, spec);
      checkConditions(errors, status?.conditions);
      return errors;
    },

    status: {
      validate: ({ status }) => {
        const errors: Errors = [];
        checkConditions(errors, status?.conditions);
        return errors;
      },
    },
  },

  columns: {
    cells(object, now) {
      const { type, limited } = object.spec;
      const { queues, handSize, queueLengthLimit } = limited?.limitResponse?.queuing ?? {};
      const none = '<none>';
      return [
        object.metadata.name,
        type,
        limited?.nominalConcurrencyShares ?? none,
        queues ?? none,
        handSize ?? none,
        queueLengthLimit ?? none,
        ageOf(object, now),
      ];
    },
  },
};

function checkSpec(errors: Errors, name: string, spec: Readonly<PriorityLevelConfigurationSpec>): void {
  const { type, exempt, limited } = spec;
  if (!type) return void errors.push(required('spec.type'));
  if (types.includes(type) && (name === 'exempt') !== (type === 'Exempt'))
    errors.push(invalid('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  if (type === 'Exempt') {
    if (exempt !== undefined) checkExempt(errors, exempt);
    if (limited !== undefined) errors.push(forbidden('spec.limited', 'must be nil if the type is not Limited'));
  } else if (type === 'Limited') {
    if (exempt !== undefined) errors.push(forbidden('spec.exempt', 'must be nil if the type is Limited'));
    if (limited === undefined) errors.push(required('spec.limited', 'must not be empty when type is Limited'));
    else checkLimited(errors, limited);
  } else errors.push(notSupported('spec.type', type, types));
}

/** Of the exempt level only its shares are for users to say. */
function checkFixed(errors: Errors, name: string, spec: Readonly<PriorityLevelConfigurationSpec>): void {
  const fixed = fixedNames.has(name) ? recorded.priorityLevels.find((one) => one.name === name) : undefined;
  if (fixed === undefined) return;
  const isExempt = name === 'exempt';
  const isEqual = isExempt ? spec.type === 'Exempt' && spec.limited === undefined : semanticEqual(spec, fixed.spec);
  const except = isExempt ? " except the 'spec.exempt' field" : '';
  if (!isEqual) errors.push(invalid('spec', goSpec(spec), `spec of '${name}'${except} must equal the fixed value`));
}

function checkExempt(errors: Errors, exempt: Readonly<ExemptPriorityLevelConfiguration>): void {
  checkShares(errors, 'spec.exempt', exempt);
}

function checkShares(
  errors: Errors,
  field: string,
  { nominalConcurrencyShares: shares = 0, lendablePercent: percent = 0 }: Readonly<ExemptPriorityLevelConfiguration>,
  between?: () => void,
): void {
  if (shares < 0) errors.push(invalid(`${field}.nominalConcurrencyShares`, shares, 'must be a non-negative integer'));
  between?.();
  if (percent < 0 || percent > 100)
    errors.push(invalid(`${field}.lendablePercent`, percent, 'must be between 0 and 100, inclusive'));
}

function checkLimited(errors: Errors, limited: Readonly<LimitedPriorityLevelConfiguration>): void {
  const field = 'spec.limited';
  checkShares(errors, field, limited, () => checkResponse(errors, limited, `${field}.limitResponse`));
  const { borrowingLimitPercent: borrowed } = limited;
  if (borrowed !== undefined && borrowed < 0)
    errors.push(invalid(`${field}.borrowingLimitPercent`, borrowed, 'if specified, must be a non-negative integer'));
}

function checkResponse(errors: Errors, limited: Readonly<LimitedPriorityLevelConfiguration>, field: string): void {
  const { type = '', queuing } = limited.limitResponse ?? {};
  if (type === '') errors.push(required(`${field}.type`));
  else if (!responses.includes(type)) errors.push(notSupported(`${field}.type`, type, responses));
  else if (type === 'Reject') {
    if (queuing !== undefined)
      errors.push(forbidden(`${field}.queuing`, 'must be nil if limited.limitResponse.type is not Limited'));
  } else if (queuing === undefined)
    errors.push(required(`${field}.queuing`, 'must not be empty if limited.limitResponse.type is Limited'));
  else checkQueuing(errors, queuing, `${field}.queuing`);
}

function checkQueuing(errors: Errors, queuing: Readonly<QueuingConfiguration>, field: string): void {
  const { queueLengthLimit = 0, queues = 0, handSize = 0 } = queuing;
  const wrong = (name: keyof QueuingConfiguration, why: string): void =>
    void errors.push(invalid(`${field}.${name}`, queuing[name], why));
  if (queueLengthLimit <= 0) wrong('queueLengthLimit', 'must be positive');
  if (queues <= 0) wrong('queues', 'must be positive');
  else if (queues > mostQueues) wrong('queues', `must not be greater than ${mostQueues}`);
  const bits = Math.ceil(Math.log2(queues) * handSize);
  if (handSize <= 0) wrong('handSize', 'must be positive');
  else if (handSize > queues) wrong('handSize', `should not be greater than queues (${queues})`);
  else if (bits > mostEntropyBits)
    wrong(
      'handSize',
      `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${mostEntropyBits}`,
    );
}

/** A spec as Go shows it. */
function goSpec({ type, limited, exempt }: Readonly<PriorityLevelConfigurationSpec>): object {
  const { queuing } = limited?.limitResponse ?? {};
  return {
    Type: type,
    Limited: limited
      ? {
          NominalConcurrencyShares: limited.nominalConcurrencyShares,
          LimitResponse: {
            Type: limited.limitResponse?.type ?? '',
            Queuing: queuing
              ? { Queues: queuing.queues, HandSize: queuing.handSize, QueueLengthLimit: queuing.queueLengthLimit }
              : null,
          },
          LendablePercent: limited.lendablePercent ?? null,
          BorrowingLimitPercent: limited.borrowingLimitPercent ?? null,
        }
      : null,
    Exempt: exempt
      ? { NominalConcurrencyShares: exempt.nominalConcurrencyShares, LendablePercent: exempt.lendablePercent }
      : null,
  };
}
