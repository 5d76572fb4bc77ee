/** Light or dark, as chosen or as the system has it. */
import { getContext, setContext } from 'svelte';
import { MediaQuery } from 'svelte/reactivity';

export const APPEARANCES = ['system', 'light', 'dark'] as const;

export type AppearanceChoice = (typeof APPEARANCES)[number];

const STORED_AS = 'lanline.appearance';
const CONTEXT = Symbol('appearance');

export class Appearance {
  #choice = $state<AppearanceChoice>('system');
  readonly #storage: Storage | null;
  readonly #systemDark = new MediaQuery('prefers-color-scheme: dark');

  /** `storage` is nothing where the browser keeps none. */
  constructor(storage: Storage | null) {
    this.#storage = storage;
    const stored = storage?.getItem(STORED_AS);
    this.#choice = APPEARANCES.find((choice) => choice === stored) ?? 'system';
  }

  get choice(): AppearanceChoice {
    return this.#choice;
  }

  set choice(choice: AppearanceChoice) {
    this.#choice = choice;
    if (choice === 'system') this.#storage?.removeItem(STORED_AS);
    else this.#storage?.setItem(STORED_AS, choice);
  }

  /** What is shown. */
  get theme(): 'light' | 'dark' {
    if (this.#choice !== 'system') return this.#choice;
    return this.#systemDark.current ? 'dark' : 'light';
  }
}

/** Gives the appearance to all components below. */
export function provideAppearance(appearance: Appearance): void {
  setContext(CONTEXT, appearance);
}

/** The appearance of the application; to be called while a component is made. */
export function useAppearance(): Appearance {
  return getContext<Appearance>(CONTEXT);
}
