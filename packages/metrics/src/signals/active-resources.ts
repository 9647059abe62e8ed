/** What keeps the event loop alive. */
export interface ActiveResources {
  /** How many there are of each type, timers too. */
  readonly types: ReadonlyMap<string, number>;
  /** Sockets, servers, pipes, watchers; timers are neither. */
  readonly handles: number;
  /** Calls of the operating system or of the thread pool that are under way. */
  readonly requests: number;
}

const TIMERS = new Set(['Timeout', 'Immediate']);
/** Types that Node's `async_hooks` documents for calls: `FSReqCallback`, `GetAddrInfoReqWrap`, `TCPConnectWrap`, `WriteWrap`, … */
const REQUEST = /Req|ConnectWrap$|^WriteWrap$|^ShutdownWrap$|Request$|Job$/;

export function readActiveResources(): ActiveResources {
  const types = new Map<string, number>();
  for (const type of process.getActiveResourcesInfo()) {
    types.set(type, (types.get(type) ?? 0) + 1);
  }
  let handles = 0;
  let requests = 0;
  // There may be ten thousand sockets, but only a few types.
  for (const [type, count] of types) {
    if (isRequest(type)) requests += count;
    else if (isHandle(type)) handles += count;
  }
  return { types, handles, requests };
}

/** Whether a type of resource is a call under way. */
export function isRequest(type: string): boolean {
  return REQUEST.test(type);
}

/** Whether a type of resource is a handle: neither a call nor a timer. */
export function isHandle(type: string): boolean {
  return !isRequest(type) && !TIMERS.has(type);
}
