import type { LoadClient } from './load-client.ts';
import type { CheckOrder, Order, Outcome, StreamOrder, UpdateOrder } from './messages.ts';

/** Carries out orders against one service; remembers its answers from one order to the next. */
export class OrderRunner {
  readonly #client: LoadClient;
  readonly #paths: readonly string[];
  /** The first answer to each path; all later ones have to equal it. */
  readonly #remembered: (string | undefined)[] = [];

  constructor(client: LoadClient, paths: readonly string[]) {
    this.#client = client;
    this.#paths = paths;
  }

  run(order: Order, onProgress: (done: number) => void): Promise<Outcome> {
    if (order.kind === 'stream') return this.#stream(order, onProgress);
    if (order.kind === 'check') return this.#check(order, onProgress);
    return this.#update(order, onProgress);
  }

  #stream(order: StreamOrder, onProgress: (done: number) => void): Promise<Outcome> {
    const job = async (position: number): Promise<void> => {
      const index = order.stream[position] ?? 0;
      const path = this.#pathOf(index);
      const body = await this.#get(path, order.fresh);
      const expected = (this.#remembered[index] ??= body);
      if (body !== expected) this.#client.fault(path, expected, body);
    };
    return this.#client.run(order.stream.length, job, onProgress);
  }

  #check(order: CheckOrder, onProgress: (done: number) => void): Promise<Outcome> {
    const indexes = Uint32Array.from(new Set(order.stream));
    const job = async (position: number): Promise<void> => {
      const index = indexes[position] ?? 0;
      const path = this.#pathOf(index);
      if (order.what === 'present') this.#remembered[index] = await this.#get(path, false);
      const database = await this.#get(path, true);
      const cached = this.#remembered[index] ?? '(no answer)';
      if (cached !== database) this.#client.fault(path, database, cached);
    };
    return this.#client.run(indexes.length, job, onProgress);
  }

  /**
   * Each city has one writer, which raises its population by 1 at a time, and readers, which must not
   * get less than what was acknowledged before they asked.
   */
  #update(order: UpdateOrder, onProgress: (done: number) => void): Promise<Outcome> {
    const acknowledged = order.cities.map((city) => city.population);
    const writing = new Set<number>();
    const job = async (position: number): Promise<void> => {
      const at = position % order.cities.length;
      const city = order.cities[at];
      if (city === undefined) return;
      const path = `/cities/${city.id}`;
      // Every fourth visit writes, unless the city's writer is still busy; the others read.
      const writes = Math.floor(position / order.cities.length) % 4 === 0 && !writing.has(at);
      if (writes) {
        writing.add(at);
        const population = (acknowledged[at] ?? 0) + 1;
        const { status } = await this.#client.put(
          `${path}/population`,
          JSON.stringify({ population }),
        );
        if (status === 200) acknowledged[at] = population;
        else this.#client.fault(`PUT ${path}/population`, 'status 200', `status ${status}`);
        writing.delete(at);
        return;
      }
      const least = acknowledged[at] ?? 0;
      const body = await this.#get(path, false);
      const { population } = JSON.parse(body) as { population?: number };
      if (population === undefined || population < least) {
        this.#client.fault(path, `a population of at least ${least}`, body);
      }
    };
    return this.#client.run(order.cities.length * order.rounds * 4, job, onProgress);
  }

  /** A body; anything but status 200 is a fault, and its own answer. */
  async #get(path: string, fresh: boolean): Promise<string> {
    const { status, body } = await this.#client.get(path, fresh);
    if (status === 200) return body;
    this.#client.fault(path, 'status 200', `status ${status}: ${body}`);
    return body;
  }

  #pathOf(index: number): string {
    return this.#paths[index] ?? '/';
  }
}
