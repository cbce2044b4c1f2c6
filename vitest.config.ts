import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src/**/*.test.ts',
            'test/transcripts/**/*.test.ts',
            'test/fuzz/**/*.test.ts',
            'bench/**/*.test.ts',
          ],
          setupFiles: ['test/property-seed.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Nothing that one file does stays for another, and to load each file's modules anew takes most of the time.
          isolate: false,
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts', 'test/package/**/*.test.ts'],
          setupFiles: ['test/property-seed.ts'],
          testTimeout: 240_000,
          hookTimeout: 240_000,
          // They wait for others most of the time; ports, namespaces and run directories are each process's own.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
