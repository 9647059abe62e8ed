import { createHttpPool } from '@perf/pool/http';
import { Pool } from 'undici';
import * as names from './names.ts';

/** Who asks. */
export interface HttpSubject {
  readonly subject: string;
  /** One request, its body read to the end and parsed. */
  readonly ask: () => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** Connections to the one server, the same for all that can be told. */
const CONNECTIONS = 16;

/** Everybody by the defaults, ours with retries, limits and counters on. */
export function subjects(origin: string): readonly HttpSubject[] {
  const pool = createHttpPool({
    maxPerOrigin: CONNECTIONS,
    maxIdlePerOrigin: CONNECTIONS,
    maxIdle: CONNECTIONS,
  });
  const client = pool.client('bench', { baseUrl: origin });
  return [
    {
      subject: names.OURS,
      ask: async () => (await client.request('/users/42')).json(),
      close: () => pool.close(),
    },
    undici(names.UNDICI, origin),
    undici(names.UNDICI_CONTROL, origin),
    {
      subject: names.FETCH,
      ask: async () => (await fetch(`${origin}/users/42`)).json(),
      close: () => Promise.resolve(),
    },
  ];
}

function undici(subject: string, origin: string): HttpSubject {
  const pool = new Pool(origin, { connections: CONNECTIONS });
  return {
    subject,
    ask: async () => (await pool.request({ path: '/users/42', method: 'GET' })).body.json(),
    close: () => pool.close(),
  };
}
