import { defineConfig } from 'vitest/config'

// For virtual machines: slow, one test after the other.
export default defineConfig({
  test: {
    include: ['test/drivers/recorded/*.machine.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
})
