import type { OperationStats } from '../profile.ts';
import { RecentWindow } from './recent-window.ts';

/** What became of one operation. */
export class OperationRecord {
  readonly component: string;
  readonly operation: string;
  readonly #recent: RecentWindow;
  #count = 0;
  #errors = 0;
  #active = 0;
  #total = 0;
  #longest = 0;

  constructor(component: string, operation: string, now: number) {
    this.component = component;
    this.operation = operation;
    this.#recent = new RecentWindow(now);
  }

  /** One more runs. */
  begin(): void {
    this.#active++;
  }

  /** One that {@link begin} counted has ended. */
  end(start: number, now: number, failed: boolean): void {
    const took = Math.max(now - start, 0);
    this.#active--;
    this.#count++;
    if (failed) this.#errors++;
    this.#total += took;
    if (took > this.#longest) this.#longest = took;
    this.#recent.add(took, failed, now);
  }

  read(now: number): OperationStats {
    return {
      component: this.component,
      operation: this.operation,
      count: this.#count,
      errors: this.#errors,
      active: this.#active,
      totalMs: this.#total,
      maxMs: this.#longest,
      recent: this.#recent.read(now),
    };
  }
}
