/** Which language the texts are in, as chosen or as the system has it. */
import { getContext, setContext } from 'svelte';

import { en, type Catalogue } from './en';
import { zhHans } from './zh-Hans';

/** The languages there are catalogues for, as BCP 47 tags. */
export const LANGUAGES = { en, 'zh-Hans': zhHans } as const satisfies Record<string, Catalogue>;

export type LanguageTag = keyof typeof LANGUAGES;

/** Each language by its own name, which needs no translation. */
export const LANGUAGE_NAMES: Record<LanguageTag, string> = { en: 'English', 'zh-Hans': '简体中文' };

export type LanguageChoice = LanguageTag | 'system';

const STORED_AS = 'lanline.language';
const CONTEXT = Symbol('language');

export class Language {
  #choice = $state<LanguageChoice>('system');
  readonly #storage: Storage | null;
  readonly #preferred: readonly string[];

  /** `storage` is nothing where the browser keeps none; `preferred` is the system's order. */
  constructor(storage: Storage | null, preferred: readonly string[]) {
    this.#storage = storage;
    this.#preferred = preferred;
    const stored = storage?.getItem(STORED_AS);
    if (isTag(stored)) this.#choice = stored;
  }

  get choice(): LanguageChoice {
    return this.#choice;
  }

  set choice(choice: LanguageChoice) {
    this.#choice = choice;
    if (choice === 'system') this.#storage?.removeItem(STORED_AS);
    else this.#storage?.setItem(STORED_AS, choice);
  }

  /** The language in use. */
  get tag(): LanguageTag {
    return this.#choice === 'system' ? bestLanguage(this.#preferred) : this.#choice;
  }

  /** The texts in that language. */
  get t(): Catalogue {
    return LANGUAGES[this.tag];
  }
}

/** The first of the preferred languages there is a catalogue for; English if none. */
export function bestLanguage(preferred: readonly string[]): LanguageTag {
  for (const tag of preferred) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'zh') return 'zh-Hans';
    if (primary === 'en') return 'en';
  }
  return 'en';
}

/** Gives the language to all components below. */
export function provideLanguage(language: Language): void {
  setContext(CONTEXT, language);
}

/** The language of the application; to be called while a component is made. */
export function useLanguage(): Language {
  return getContext<Language>(CONTEXT);
}

function isTag(value: string | null | undefined): value is LanguageTag {
  return value !== null && value !== undefined && Object.hasOwn(LANGUAGES, value);
}
