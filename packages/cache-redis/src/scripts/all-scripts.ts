import { DELETE, READ, REMAINING, TOUCH, WRITE } from './entry-scripts.ts';
import { BUMP, DELTA } from './ledger-scripts.ts';
import type { Script } from './script.ts';
import { BEGIN, FILL, RELEASE, RENEW, SETTLE, TICKET } from './ticket-scripts.ts';

/** What a server is told when a connection to it begins, so that it knows them by name afterwards. */
export const ALL_SCRIPTS: readonly Script[] = [
  READ,
  REMAINING,
  WRITE,
  DELETE,
  TOUCH,
  TICKET,
  RENEW,
  RELEASE,
  FILL,
  BEGIN,
  SETTLE,
  BUMP,
  DELTA,
];
