import type { StoreCall } from '../../../src/contracts/cache-store.ts';
import type { StoreNews } from '../../../src/contracts/store-news.ts';
import { under, type Alteration, type Original } from './alteration.ts';

/** The same call without its news. */
const silent = ({ signal }: StoreCall): StoreCall => ({ signal });

/** The same call with other news. */
function withNews(call: StoreCall, change: (news: StoreNews) => Partial<StoreNews>): StoreCall {
  const { news, signal } = call;
  if (news === undefined) return call;
  const original: StoreNews = {
    channel: news.channel,
    drop: (keys) => news.drop(keys),
    ended: (tickets) => news.ended(tickets),
    bump: (members) => news.bump(members),
  };
  return { signal, news: { ...original, ...change(news) } };
}

/** Publishes before it writes, and writes a little later. */
async function publishFirst<T>(
  { hub }: Original,
  { news, signal }: StoreCall,
  text: (news: StoreNews) => string,
  write: (call: StoreCall) => Promise<T>,
): Promise<T> {
  if (news !== undefined) hub.publish(news.channel, text(news));
  await Promise.resolve();
  return write({ signal });
}

const ALL: readonly Omit<Alteration, 'topic'>[] = [
  {
    breaks: 'the news of sets',
    store: ({ store }) => ({ setMany: (entries, call) => store.setMany(entries, silent(call)) }),
  },
  {
    breaks: 'the news of deletes',
    store: ({ store }) => ({ deleteMany: (keys, call) => store.deleteMany(keys, silent(call)) }),
  },
  {
    breaks: 'the news of begins',
    fencing: ({ fencing }) => ({
      begin: async (key, ticket, ttl, call) => {
        call.news?.drop([key]);
        await fencing.begin(key, ticket, ttl, silent(call));
      },
    }),
  },
  {
    breaks: 'the news of settlements',
    fencing: ({ fencing }) => ({
      settle: (entry, ticket, call) => fencing.settle(entry, ticket, silent(call)),
    }),
  },
  {
    breaks: 'the news of writes at once',
    store: ({ store }) => {
      let running = 0;
      return {
        setMany: async (entries, call) => {
          running++;
          const results = store.setMany(entries, running > 1 ? silent(call) : call);
          await Promise.resolve();
          running--;
          return results;
        },
      };
    },
  },
  {
    breaks: 'once-only',
    store: ({ store, hub }) => ({
      setMany: (entries, call) =>
        store.setMany(
          entries,
          withNews(call, (news) => ({
            drop: (keys) => {
              const text = news.drop(keys);
              hub.publish(news.channel, text);
              return text;
            },
          })),
        ),
    }),
  },
  {
    breaks: 'the use of every number',
    store: ({ store }) => ({
      deleteMany: (keys, call) => {
        call.news?.drop(keys);
        return store.deleteMany(keys, call);
      },
    }),
  },
  {
    breaks: 'the names of the keys',
    store: ({ store }) => ({
      deleteMany: (keys, call) =>
        store.deleteMany(
          keys,
          withNews(call, (news) => ({
            drop: (some) => news.drop(some.map((key) => key.split('\0')[0] ?? '')),
          })),
        ),
    }),
  },
  {
    breaks: 'the order of a delete and its news',
    store: (original) => ({
      deleteMany: (keys, call) =>
        publishFirst(
          original,
          call,
          (news) => news.drop(keys),
          (own) => original.store.deleteMany(keys, own),
        ),
    }),
  },
  {
    breaks: 'the order of a begin and its news',
    fencing: (original) => ({
      begin: (key, ticket, ttl, call) =>
        publishFirst(
          original,
          call,
          (news) => news.drop([key]),
          (own) => original.fencing.begin(key, ticket, ttl, own),
        ),
    }),
  },
  {
    breaks: 'the news of bumps',
    fencing: ({ fencing }) => ({
      bump: (members, reached, call) => fencing.bump(members, reached, silent(call)),
    }),
  },
  {
    breaks: 'the text of a bump',
    fencing: ({ fencing }) => ({
      bump: (members, reached, call) =>
        fencing.bump(
          members,
          reached,
          withNews(call, (news) => ({
            bump: (some) => ({ ...news.bump(some), before: `${news.bump(some).before} ` }),
          })),
        ),
    }),
  },
  {
    breaks: 'the order of a bump and its news',
    fencing: (original) => ({
      bump: (members, reached, call) =>
        publishFirst(
          original,
          call,
          (news) => `${news.bump(members).before}…`,
          (own) => original.fencing.bump(members, reached, own),
        ),
    }),
  },
  {
    breaks: 'the news of the end of fills',
    fencing: ({ fencing }) => ({
      fill: (entry, ticket, call) => fencing.fill(entry, ticket, silent(call)),
    }),
  },
  {
    breaks: 'the silence about refused fills',
    fencing: ({ fencing, hub }) => ({
      fill: async (entry, ticket, call) => {
        const result = await fencing.fill(entry, ticket, silent(call));
        const { news } = call;
        if (news !== undefined) hub.publish(news.channel, news.ended([ticket]));
        return result;
      },
    }),
  },
  {
    breaks: 'the silence of reads',
    store: ({ store, hub }) => ({
      getMany: (keys, call) => {
        const { news } = call;
        if (news !== undefined) hub.publish(news.channel, news.drop(keys));
        return store.getMany(keys, call);
      },
    }),
  },
  {
    breaks: 'the silence of writes without news',
    store: ({ store, hub }) => ({
      setMany: (entries, call) => {
        if (call.news === undefined) hub.publish('channel', 'something');
        return store.setMany(entries, call);
      },
    }),
  },
  {
    breaks: 'the silence about what was given up',
    store: ({ store }) => ({
      setMany: (entries, call) => {
        if (call.signal.aborted) call.news?.drop(entries.map(({ key }) => key));
        return store.setMany(entries, call);
      },
    }),
  },
];

export const NEWS_ALTERATIONS: readonly Alteration[] = under(
  'news',
  ALL.map((alteration) => ({ ...alteration, announces: true })),
);
