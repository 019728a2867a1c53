import { resolve } from 'node:path';
import { defineConfig } from 'vite';

export default defineConfig({
  base: './',
  // The library's source: the demo needs no build of it first.
  resolve: { alias: { '@overworld-gg/client': resolve(import.meta.dirname, '../client/src/index.ts') } },
  // dist itself is kept in git with a word on how to build, for the Go build.
  build: { outDir: 'dist/site', emptyOutDir: true, chunkSizeWarningLimit: 2000, assetsInlineLimit: 0 },
  server: { proxy: { '/server': 'http://127.0.0.1:8080' } },
});
