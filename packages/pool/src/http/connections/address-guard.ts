import { ConfigError } from '@perf/core';
import ipaddr from 'ipaddr.js';
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** A connection that the guard does not let be made. */
export class BlockedAddress extends Error {
  readonly address: string;

  constructor(address: string) {
    super('the address is not public');
    this.address = address;
  }
}

/**
 * Lets connections be made to public addresses alone: not to this host, private networks, link-local ones (where clouds keep their
 * credentials), or what wraps one of those in IPv6. It judges addresses, never names, and at the time of connecting: a name
 * that changes what it stands for changes nothing.
 * @see IANA, special-purpose address registries
 */
export class AddressGuard {
  readonly #allowed: readonly Range[];

  /** @throws {@link ConfigError} when one of them is neither an address nor a range */
  constructor(allowed: readonly string[]) {
    this.#allowed = allowed.map(rangeOf);
  }

  allows(address: string): boolean {
    // The library takes `1.2.3` for an address, too.
    if (isIP(address) === 0 || !ipaddr.isValid(address)) return false;
    // `process` takes an IPv4 address out of one that is mapped to IPv6.
    const parsed = ipaddr.process(address);
    return parsed.range() === 'unicast' || this.#allowed.some((range) => contains(range, parsed));
  }

  /** As `lookup`, but without the addresses that may not be connected to; an error when none is left. */
  lookup(lookup: LookupFunction = systemLookup): LookupFunction {
    return (hostname, options, callback) => {
      // All of them, whatever is asked for: the first that may be used need not be the first.
      lookup(hostname, { ...options, all: true }, (error, found, family) => {
        if (error !== null) {
          callback(error, []);
          return;
        }
        const addresses: LookupAddress[] =
          typeof found === 'string' ? [{ address: found, family: family ?? 0 }] : found;
        const usable = addresses.filter(({ address }) => this.allows(address));
        const [first] = usable;
        if (first === undefined) {
          callback(new BlockedAddress(addresses[0]?.address ?? hostname), []);
        } else if (options.all === true) {
          callback(null, usable);
        } else {
          callback(null, first.address, first.family);
        }
      });
    };
  }
}

function rangeOf(text: string): Range {
  try {
    if (text.includes('/')) return ipaddr.parseCIDR(text);
    const address = ipaddr.process(text);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  } catch {
    throw new ConfigError('httpPool.guard.allow', text, "an address or a range ('10.1.0.0/16')");
  }
}

function contains([range, bits]: Range, address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  return range.kind() === address.kind() && address.match(range, bits);
}
