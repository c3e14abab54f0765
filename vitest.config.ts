import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

// One worker process for each file would cost more than the tests: files share one, and may not leave anything behind. Some of them wait for
// processes and sockets: more workers than cores keep the cores busy.
export default defineConfig({
  test: {
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'test/unit/**/*.test.ts',
            'test/cases/**/*.test.ts',
            'test/sim/**/*.test.ts',
            'test/stories/**/*.test.ts',
            'test/tidy.test.ts',
          ],
          isolate: false,
          // On a machine that is busy otherwise too.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          // Real processes, sockets and time, one file after another: what else runs would only be in their way.
          name: 'adapters',
          include: ['test/adapters/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'drivers',
          include: ['test/drivers/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          // One story on one machine: the package is built, installed, used, upgraded, removed.
          name: 'packaging',
          include: ['test/packaging/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          // Each file has machines of its own, and mostly waits for them: two go side by side.
          name: 'scenarios',
          include: ['test/scenarios/**/*.test.ts'],
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          // Virtual machines, emulated where the processor cannot be lent: one set of them at a time. A scenario of the lab's is among them, as it is.
          name: 'machines',
          include: ['test/vm/scenarios/**/*.test.ts', 'test/scenarios/three-nodes.test.ts'],
          env: { LAB: 'machines' },
          fileParallelism: false,
          testTimeout: 600_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
})
