import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

import svelteConfig from './svelte.config.js';

/**
 * Imports flow one way: protocol ← host, rtc ← app ← views, components.
 * A later rule replaces an earlier one of the same name, so each folder states the whole of its own.
 */
function imports(files, forbidden, extra = []) {
  const patterns = [
    ...forbidden.map((folder) => ({
      group: [`**/${folder}`, `**/${folder}/**`],
      message: 'Imports flow one way: protocol ← host, rtc ← app ← views, components.',
    })),
    ...extra,
  ];
  return {
    files: [files],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}

const noTauri = {
  group: ['@tauri-apps/*'],
  message: 'Only host/tauri.ts talks to the shell.',
};
const noFramework = { group: ['svelte', 'svelte/**'], message: 'host and rtc know no framework.' };
const above = ['views', 'components', 'i18n'];

export default ts.config(
  { ignores: ['dist/', 'src/protocol/index.ts'] },
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...ts.configs.stylisticTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: globals.browser,
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', 'svelte.config.js'] },
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.svelte'],
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts', '**/*.svelte.js'],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
  },
  {
    // The types of components are known to svelte-check, not to typescript-eslint, for which all that
    // comes from one is `any`.
    files: ['**/*.svelte'],
    rules: {
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  // `expect(object.method)` looks at a mock, and calls nothing.
  { files: ['**/*.test.ts'], rules: { '@typescript-eslint/unbound-method': 'off' } },
  { files: ['*.js'], extends: [ts.configs.disableTypeChecked] },
  imports('src/*', [], [noTauri]),
  imports('src/host/**', ['rtc', 'app', ...above], [noTauri, noFramework]),
  imports('src/host/tauri.ts', ['rtc', 'app', ...above], [noFramework]),
  imports('src/rtc/**', ['host', 'app', ...above], [noTauri, noFramework]),
  imports('src/app/**', above, [noTauri]),
  imports('src/{views,components}/**', ['host', 'rtc'], [noTauri]),
);
