// What an example writes to the console is shown on its page as well.
const shown = document.createElement('ol');
shown.setAttribute('aria-label', 'Console');
addEventListener('DOMContentLoaded', () => document.body.append(shown));
for (const level of ['log', 'error']) {
  const write = console[level].bind(console);
  console[level] = (...words) => {
    write(...words);
    const line = document.createElement('li');
    line.textContent = words.map(String).join(' ');
    shown.append(line);
  };
}
addEventListener('error', ({ message }) => console.error(message));
addEventListener('unhandledrejection', ({ reason }) => console.error(reason));
