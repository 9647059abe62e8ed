import type { LedgerMember } from '../contracts/store-fencing.ts';
import type { Announcer } from './announcer.ts';

/** Whether other instances were told of a change; `none` where there is no bus. */
export type Told = 'sent' | 'queued' | 'none';

/** What a {@link ChangeNews} goes by. */
export interface ChangeNewsOptions {
  readonly announcer: Announcer | undefined;
  /** Whether the shared store publishes in the same step as it writes. */
  readonly byStore: boolean;
  /** Whether there is a shared ledger, whose bumps are announced with it. */
  readonly byLedger: boolean;
}

/** Tells other instances what this one has changed, where the shared store has not done so. Never rejects. */
export class ChangeNews {
  readonly #options: ChangeNewsOptions;

  constructor(options: ChangeNewsOptions) {
    this.#options = options;
  }

  /** For a change that came to nothing: nobody has to be told. */
  get none(): Told {
    return this.#options.announcer === undefined ? 'none' : 'sent';
  }

  /** @param shared how the write ended in the shared store, or in all where there is none */
  keys(keys: readonly string[], shared: 'applied' | 'queued'): Told | Promise<Told> {
    const { announcer, byStore } = this.#options;
    if (announcer === undefined) return 'none';
    return byStore ? toTold(shared) : announcer.drop(keys);
  }

  /** @param bumped whether the ledger has them */
  async members(members: readonly LedgerMember[], bumped: 'applied' | 'queued'): Promise<Told> {
    const { announcer, byLedger } = this.#options;
    if (announcer === undefined) return 'none';
    return byLedger ? toTold(bumped) : announcer.void(members);
  }
}

function toTold(shared: 'applied' | 'queued'): Told {
  return shared === 'applied' ? 'sent' : 'queued';
}
