import { under, type Alteration } from './alteration.ts';
import { mapDelta } from './faults.ts';

export const LEDGER_ALTERATIONS: readonly Alteration[] = under('ledger', [
  {
    breaks: 'the order of numbers',
    fencing: ({ fencing }) => ({
      bump: async (members, reached, given) => {
        const reply = await fencing.bump(members, reached, given);
        return { ...reply, seq: Math.floor(reply.seq / 1000) * 1000 };
      },
    }),
  },
  {
    breaks: 'what the caller has reached',
    fencing: ({ fencing }) => ({ bump: (members, _, given) => fencing.bump(members, 0, given) }),
  },
  {
    breaks: 'the number before',
    fencing: ({ fencing }) => ({
      bump: async (members, reached, given) => {
        const reply = await fencing.bump(members, reached, given);
        return { ...reply, prev: reply.seq - 1 };
      },
    }),
  },
  {
    breaks: 'the time in numbers',
    fencing: ({ backend }) => ({
      bump: async (members, reached) => backend.ledger.bump(members, reached, 0),
    }),
  },
  {
    breaks: 'milliseconds as microseconds',
    fencing: ({ backend, clock }) => ({
      bump: async (members, reached) => backend.ledger.bump(members, reached, clock.epoch()),
    }),
  },
  {
    breaks: 'kinds of members',
    fencing: ({ fencing }) => ({
      bump: (members, reached, given) =>
        fencing.bump(
          members.map((member) => (member.kind === 'soft' ? { ...member, kind: 'tag' } : member)),
          reached,
          given,
        ),
    }),
  },
  {
    breaks: 'all members but the first',
    fencing: ({ fencing }) => ({
      bump: (members, reached, given) => fencing.bump(members.slice(0, 1), reached, given),
    }),
  },
  {
    breaks: 'names with a NUL',
    fencing: ({ fencing }) => ({
      bump: (members, reached, given) =>
        fencing.bump(
          members.map((member) => ({ ...member, name: member.name.replaceAll('\0', '') })),
          reached,
          given,
        ),
    }),
  },
  {
    breaks: 'what is newer only',
    fencing: ({ fencing }) => ({
      delta: (position, given) => fencing.delta({ ...position, seq: position.seq - 1 }, given),
    }),
  },
  {
    breaks: 'what is newer at all',
    fencing: ({ fencing }) => ({
      delta: (position, given) => fencing.delta({ ...position, seq: position.seq + 1 }, given),
    }),
  },
  {
    breaks: 'the order of facts',
    fencing: mapDelta(({ facts }) => ({ facts: facts.toReversed() })),
  },
  {
    breaks: 'the highest number',
    fencing: mapDelta(({ facts }) => ({ seq: facts.at(-1)?.seq ?? 0 })),
  },
  {
    breaks: 'the sign that there is more',
    fencing: mapDelta(() => ({ complete: true })),
  },
  {
    breaks: 'members of one number, torn apart',
    fencing: mapDelta(({ facts, complete }) => ({
      facts: facts.slice(0, 1000),
      complete: complete && facts.length <= 1000,
    })),
  },
  {
    breaks: 'the floor of what is forgotten',
    fencing: mapDelta(({ facts }) => ({ facts: facts.length > 8000 ? facts : facts.slice(0, 60) })),
  },
  { breaks: 'the bound of tags', ledger: { tags: Infinity } },
  { breaks: 'the bound of patterns', ledger: { patterns: Infinity } },
  {
    breaks: 'the ledger at a clear',
    store: ({ store, backend }) => ({
      clear: (given) => {
        backend.loseLedger();
        return store.clear(given);
      },
    }),
  },
  {
    breaks: 'entries at a bump',
    fencing: ({ fencing, backend }) => ({
      bump: (members, reached, given) => {
        backend.clear();
        return fencing.bump(members, reached, given);
      },
    }),
  },
  {
    breaks: 'one id for all handles',
    fencing: ({ fencing, handle }) => ({
      bump: async (members, reached, given) => {
        const reply = await fencing.bump(members, reached, given);
        return { ...reply, id: `${reply.id}${handle}` };
      },
      delta: async (position, given) => {
        const reply = await fencing.delta(position, given);
        return { ...reply, id: `${reply.id}${handle}` };
      },
    }),
  },
  {
    breaks: 'one id for ever',
    fencing: mapDelta(() => ({ id: `${Math.floor(performance.now() * 1e6)}` })),
  },
  {
    breaks: 'the step from one number to the next',
    fencing: ({ backend, clock }) => ({
      bump: async (members, reached) => {
        const { highest } = backend.ledger;
        await Promise.resolve();
        const { id, seq } = backend.ledger.bump(members, reached, clock.epoch() * 1000);
        return { id, prev: highest, seq };
      },
    }),
  },
]);
