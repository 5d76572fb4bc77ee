import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["specs/**/*.test.ts"],
    globalSetup: ["lab/setup.ts"],
    setupFiles: ["lab/failures.ts"],
    pool: "forks",
    // Two browsers with a video call between them fill two cores: one story at a time.
    fileParallelism: false,
    // Bounds for a failure, not waits: nothing sleeps.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    retry: 0,
  },
});
