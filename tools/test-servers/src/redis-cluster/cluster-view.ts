/** A node as another one, or itself, sees it. */
export interface NodeView {
  readonly id: string;
  readonly port: number;
  /** As in `master`, `slave`, `myself`, `fail?`, `handshake`. */
  readonly flags: ReadonlySet<string>;
  /** The identity of its master; `undefined` if it is one. */
  readonly masterId: string | undefined;
  readonly connected: boolean;
  /** First and last slot of each range that it serves. */
  readonly slots: readonly (readonly [first: number, last: number])[];
}

/** How many slots a cluster has. */
export const SLOTS = 16_384;

/**
 * The reply of `CLUSTER NODES`.
 * @see https://redis.io/docs/latest/commands/cluster-nodes/
 */
export function parseClusterNodes(text: string): readonly NodeView[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [id = '', address = '', flags = '', masterId, , , , link, ...slots] = line.split(' ');
      return {
        id,
        port: Number(/:(\d+)(?:@|$)/.exec(address)?.[1] ?? 0),
        flags: new Set(flags.split(',')),
        masterId: masterId === '-' ? undefined : masterId,
        connected: link === 'connected',
        // Those in brackets are on their way from or to it.
        slots: slots.filter((range) => !range.startsWith('[')).map(parseRange),
      };
    });
}

/** The ports of the nodes that serve slots, by the first of them; those that only have failed are left in. */
export function ownersBySlot(view: readonly NodeView[]): readonly NodeView[] {
  return view
    .filter(({ slots }) => slots.length > 0)
    .toSorted((a, b) => (a.slots[0]?.[0] ?? 0) - (b.slots[0]?.[0] ?? 0));
}

/** Who serves a slot. */
export function ownerOf(view: readonly NodeView[], slot: number): NodeView | undefined {
  return view.find(({ slots }) => slots.some(([first, last]) => first <= slot && slot <= last));
}

/** The slots that each of `masters` gets: contiguous, and as even as can be. */
export function shareSlots(masters: number): readonly (readonly [first: number, last: number])[] {
  const start = (index: number): number => Math.floor((index * SLOTS) / masters);
  return Array.from({ length: masters }, (_, index) => [start(index), start(index + 1) - 1]);
}

/**
 * What keeps the running nodes from being one cluster that serves every slot; `undefined` if nothing does.
 * @param views what each running node sees, by its port
 */
export function whatIsMissing(views: ReadonlyMap<number, readonly NodeView[]>): string | undefined {
  let agreed: string | undefined;
  for (const [port, view] of views) {
    const known = new Map(view.map((node) => [node.port, node]));
    for (const other of views.keys()) {
      const node = known.get(other);
      if (node === undefined) return `node ${port} does not know node ${other}`;
      for (const flag of ['handshake', 'noaddr', 'fail', 'fail?']) {
        if (node.flags.has(flag)) return `node ${port} sees node ${other} as ${flag}`;
      }
      if (!node.connected) return `node ${port} is not connected to node ${other}`;
    }
    const owners = ownersBySlot(view);
    const served = owners.flatMap(({ slots }) => slots);
    const count = served.reduce((sum, [first, last]) => sum + last - first + 1, 0);
    if (count !== SLOTS) return `node ${port} knows owners of ${count} slots`;
    const down = owners.find((owner) => !views.has(owner.port));
    if (down !== undefined) return `node ${port} leaves slots to node ${down.port}, which is down`;
    const map = JSON.stringify(
      [...views.keys()].map((other) => {
        const node = known.get(other);
        return [other, node?.masterId, node?.slots];
      }),
    );
    agreed ??= map;
    if (map !== agreed) return `node ${port} sees other roles than the first one`;
  }
  return undefined;
}

function parseRange(range: string): readonly [first: number, last: number] {
  const [first = 0, last = first] = range.split('-').map(Number);
  return [first, last];
}
