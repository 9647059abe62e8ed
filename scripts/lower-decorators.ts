import { transform } from 'esbuild';
import type { Plugin } from 'vitest/config';

/** Where standard decorators are used: neither Node nor what vitest compiles with knows them. */
const USES = /\/test\/decorators\/[^/]+\.test\.ts$/;

/** Compiles decorators in tests to what Node understands. */
export function lowerDecorators(): Plugin {
  return {
    name: 'lower-decorators',
    enforce: 'pre',
    async transform(source, id) {
      if (!USES.test(id)) return undefined;
      const options = { loader: 'ts', target: 'es2022', sourcemap: true, sourcefile: id } as const;
      return transform(source, options);
    },
  };
}
