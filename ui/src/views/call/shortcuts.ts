/**
 * Makes a handler for keys that act without a modifier, unless something is being typed or chosen.
 * A held key acts once.
 */
export function shortcuts(actions: Readonly<Record<string, () => void>>) {
  return (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.repeat) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if (target instanceof Element && target.closest('input, select, textarea') !== null) return;
    const key = event.key.toLowerCase();
    if (!Object.hasOwn(actions, key)) return;
    event.preventDefault();
    actions[key]?.();
  };
}
