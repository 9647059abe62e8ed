import { under, type Alteration } from './alteration.ts';
import {
  fillUnderAnyTicket,
  ignoreDeletesOfNothing,
  keepLongerLifetime,
  keepSettledTicket,
  settleSilently,
} from './faults.ts';

export const MODEL_ALTERATIONS: readonly Alteration[] = under('model', [
  {
    breaks: 'tickets at a delete of nothing',
    store: ignoreDeletesOfNothing,
  },
  {
    breaks: 'fills under the ticket only',
    fencing: fillUnderAnyTicket,
  },
  {
    breaks: 'the news of settlements',
    fencing: settleSilently,
  },
  {
    breaks: 'the end of the ticket at a settlement',
    fencing: keepSettledTicket,
  },
  {
    breaks: 'the lifetime of a later value',
    store: keepLongerLifetime,
  },
  {
    breaks: 'facts of other handles',
    fencing: ({ fencing, handle }) => ({
      delta: async (position, given) => {
        const reply = await fencing.delta(position, given);
        return handle === 1 ? reply : { ...reply, facts: reply.facts.slice(1) };
      },
    }),
  },
]);
