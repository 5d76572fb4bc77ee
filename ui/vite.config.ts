import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const DEV = 'http://localhost:1420';
const NODE = 'http://localhost:3000';

export default defineConfig(({ mode }) => ({
  plugins: [svelte()],
  // The same files are served from tauri://localhost/ and from the root of a relay.
  base: './',
  // Vitest would otherwise take Svelte's server build, in which runes don't react.
  resolve: mode === 'test' ? { conditions: ['browser'] } : {},
  build: {
    // The content security policy allows 'self', not data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    port: 1420,
    strictPort: true,
    proxy: {
      '^/ui(/|$)': {
        target: NODE,
        ws: true,
        changeOrigin: true,
        // The node serves its own origin only. The dev server stands in for it, so it must keep
        // other origins out itself.
        headers: { origin: NODE },
        configure: (proxy) => {
          proxy.on('proxyReqWs', (_request, incoming, socket) => {
            if (incoming.headers.origin !== DEV) socket.destroy();
          });
        },
      },
    },
  },
  // Vitest empties style sheets unless told otherwise; the contrast of the tokens is tested.
  test: { include: ['src/**/*.test.ts'], css: { include: /tokens\.css/ } },
}));
