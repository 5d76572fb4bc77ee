import { parse } from 'svelte/compiler';
import { expect, it } from 'vitest';

const components = import.meta.glob<string>('../**/*.svelte', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Attributes people see or hear. */
const SPOKEN = new Set(['alt', 'aria-label', 'aria-description', 'placeholder', 'title']);

/** What a component says without asking a catalogue. */
function literals(source: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, spoken: boolean) => {
    if (Array.isArray(node)) {
      for (const inner of node) visit(inner, spoken);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const { type, name, data, value } = node as Record<string, unknown>;
    if (type === 'Text' && spoken && typeof data === 'string' && /\p{L}/u.test(data)) {
      found.push(data.trim());
      return;
    }
    if (type === 'Attribute' || type === 'StyleDirective') {
      visit(value, SPOKEN.has(String(name)));
      return;
    }
    for (const inner of Object.values(node)) visit(inner, spoken);
  };
  visit(parse(source, { modern: true }).fragment, true);
  return found;
}

it('finds what it looks for', () => {
  expect(literals('<p title="Hello" class="big">{t.x}<b>World</b> 1</p>')).toEqual([
    'Hello',
    'World',
  ]);
});

it.each(Object.keys(components))('%s takes its texts from a catalogue', (path) => {
  expect(literals(components[path] ?? '')).toEqual([]);
});
