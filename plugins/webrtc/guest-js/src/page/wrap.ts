/** The platform's own methods, with something of ours around them. */

/** Puts another in place of a method, if the webview has it. */
export function wrap<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  make: (original: T[K]) => T[K],
): void {
  const known = Object.getOwnPropertyDescriptor(prototype, name);
  if (typeof known?.value !== 'function') return;
  Object.defineProperty(prototype, name, { ...known, value: make(known.value as T[K]) });
}
