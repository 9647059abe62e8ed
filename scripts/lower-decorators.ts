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
      // Loaded where it is needed: most runs do without.
      const { transform } = await import('esbuild');
      return transform(source, {
        loader: 'ts',
        target: 'es2022',
        sourcemap: true,
        sourcefile: id,
      });
    },
  };
}
