/**
 * Makes `dist`, what the window shows: the pages of this folder, and one page for each example that
 * simple-peer and PeerJS give in their READMEs. The examples are taken from the installed packages as
 * they are, not one letter changed; what they expect of a page is put around them.
 */
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const dist = join(here, 'dist');
const packages = join(here, 'node_modules');

// The folder itself stays: Cargo watches it.
rmSync(join(dist, 'simple-peer'), { recursive: true, force: true });
rmSync(join(dist, 'peerjs'), { recursive: true, force: true });
cpSync(join(here, 'pages'), dist, { recursive: true });
simplePeer();
peerJs();

function simplePeer() {
  const folder = join(dist, 'simple-peer');
  mkdirSync(folder);
  copyFileSync(join(packages, 'simple-peer/simplepeer.min.js'), join(folder, 'simplepeer.min.js'));
  const example = examples('simple-peer');
  // A whole page. Its lines on the console are shown too.
  const shown = '<script src="../shown.js"></script>\n';
  writeFileSync(join(folder, 'two-pages.html'), shown + example('usage', 'html'));
  for (const heading of ['data channels', 'video/voice', 'dynamic video/voice']) {
    const name = heading.replaceAll(/\W/g, '-');
    const scripts = ['simplepeer.min.js', '../require.js', `${name}.js`];
    writeFileSync(join(folder, `${name}.js`), example(heading, 'js'));
    writeFileSync(join(folder, `${name}.html`), page(`simple-peer: ${heading}`, scripts));
  }
}

function peerJs() {
  const folder = join(dist, 'peerjs');
  mkdirSync(folder);
  copyFileSync(join(packages, 'peerjs/dist/peerjs.min.js'), join(folder, 'peerjs.min.js'));
  const example = examples('peerjs');
  const headings = ['Create a Peer', 'Connect', 'Receive', 'Call', 'Answer'];
  for (const heading of headings) {
    writeFileSync(join(folder, `${file(heading)}.js`), example(heading, 'javascript'));
  }
  const around = ['peerjs.min.js', '../local-peer-server.js', 'create-a-peer.js'];
  const pages = {
    connect: sent('Connect'),
    receive: '<script src="receive.js"></script>',
    call: sent('Call'),
    answer: '<script src="answer.js"></script>',
  };
  for (const [name, part] of Object.entries(pages)) {
    writeFileSync(join(folder, `${name}.html`), page(`PeerJS: ${name}`, around, part));
  }
}

function sent(heading) {
  return `<script src="../after-open.js" data-next="${file(heading)}.js"></script>`;
}

/** A reader of a README's examples: the first of a language below a heading. */
function examples(name) {
  const readme = readFileSync(join(packages, name, 'README.md'), 'utf8');
  return (heading, language) => {
    const below = readme
      .split(/^(?:#+ |\*\*)/m)
      .find((section) => section.split('\n', 1)[0].replace('**', '').trim() === heading);
    const code = below?.split(`\`\`\`${language}\n`)[1]?.split('```')[0];
    if (code === undefined) throw new Error(`${name}'s README has no example "${heading}"`);
    return code;
  };
}

function file(heading) {
  return heading.toLowerCase().replaceAll(' ', '-');
}

function page(title, scripts, last = '') {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8" />
  <title>${title}</title>
  <link rel="stylesheet" href="../style.css" />
  <h1>${title}</h1>
  <video aria-label="Received" autoplay playsinline></video>
  <script src="../shown.js"></script>
${scripts.map((source) => `  <script src="${source}"></script>`).join('\n')}
  ${last}
</html>
`;
}
