import { nextTurn } from '../../../src/base/turn.ts';
import { asyncWidgets, widgets } from '../../kit/widgets.ts';
import { describeComingKind } from './coming-kind.ts';

describeComingKind('a kind whose versions are made at once', () => widgets());
describeComingKind('a kind whose versions somebody else makes later', () =>
  asyncWidgets(async (_asked, answer) => {
    await nextTurn();
    return answer;
  }),
);
