import { mount } from 'svelte';

import App from './App.svelte';
import { startLanline } from './app/start';
import { Language } from './i18n/language.svelte';
import { Appearance } from './styles/appearance.svelte';
import './styles/base.css';

const storage = openStorage();
const language = new Language(storage, navigator.languages);

mount(App, {
  target: document.body,
  props: {
    app: startLanline(window, ({ name, video }) => ({
      title: language.t.app.titleIncoming(name),
      body: video ? language.t.call.incomingVideo : language.t.call.incomingAudio,
    })),
    language,
    appearance: new Appearance(storage),
  },
});

/** The browser's storage; nothing where its settings forbid it. */
function openStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
