import { defineConfig } from 'vitest/config';

// One browser and one server: the tests run one after the other.
export default defineConfig({ test: { fileParallelism: false, hookTimeout: 300_000 } });
