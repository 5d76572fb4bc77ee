// Bundles the engine into one classic script, `api-iife.js`, which the plugin puts into the page
// before the page's own scripts. The worker's and the worklet's code travel inside it as text: they
// are loaded from blob: URLs, since a script in a page has no files of its own beside it.
import { build } from 'esbuild';

const common = {
  bundle: true,
  minify: true,
  target: 'es2022',
  format: 'iife',
  legalComments: 'none',
  write: false,
};

async function text(entry) {
  const { outputFiles } = await build({ ...common, entryPoints: [entry] });
  return outputFiles[0].text;
}

const inline = {
  name: 'inline',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^inline:/ }, ({ path }) => ({ path: path.slice(7), namespace: 'inline' }));
    onLoad({ filter: /.*/, namespace: 'inline' }, async ({ path }) => ({
      contents: await text(path),
      loader: 'text',
    }));
  },
};

await build({
  ...common,
  write: true,
  entryPoints: ['src/main.ts'],
  outfile: '../api-iife.js',
  plugins: [inline],
  banner: { js: '// Built from guest-js by `npm run build`: do not edit.' },
});
