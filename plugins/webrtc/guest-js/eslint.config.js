import js from '@eslint/js';
import globals from 'globals';
import ts from 'typescript-eslint';

/** Imports flow one way: shared ← page, worker, worklet; these three know nothing of each other. */
function imports(files, forbidden) {
  const patterns = forbidden.map((folder) => ({
    // Not `inline:`, which is a built script's text.
    group: [`../${folder}/**`],
    message: 'Imports flow one way: shared ← page, worker, worklet.',
  }));
  return {
    files: [files],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
  };
}

export default ts.config(
  js.configs.recommended,
  ...ts.configs.strictTypeChecked,
  ...ts.configs.stylisticTypeChecked,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.worker },
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js', 'build.mjs'] },
        tsconfigRootDir: import.meta.dirname,
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
  { files: ['*.js', '*.mjs'], extends: [ts.configs.disableTypeChecked] },
  imports('src/shared/**', ['page', 'worker', 'worklet']),
  imports('src/page/**', ['worker', 'worklet']),
  imports('src/worker/**', ['page', 'worklet']),
  imports('src/worklet/**', ['page', 'worker']),
);
