// The site is docs/ as it stands, and what its pages link to in the repository. Nothing is written twice.
import fs from 'node:fs';
import path from 'node:path';
import hljs from 'highlight.js';
import { Anchors, plain } from './anchors.js';
import { Pages, relative } from './pages.js';
import { outline, sections } from './sections.js';
import {fileURLToPath} from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url)); // Node 18 has no name for it

const root = path.resolve(here, '..');
const output = path.join(root, 'target/site');

export default function (eleventy) {
  const pages = new Pages(root);
  for (const page of pages.missing()) {
    console.log(`site: ${page} is in no section of site/navigation.json; it stands under "More"`);
  }

  eleventy.setQuietMode(true);
  eleventy.setUseGitIgnore(false);
  eleventy.amendLibrary('md', (md) => {
    md.set({
      html: true,
      highlight: (code, language) =>
        hljs.getLanguage(language) ? hljs.highlight(code, { language }).value : md.utils.escapeHtml(code),
    });
    md.core.ruler.push('livesync', (state) => links(state, pages));
    // A wide table scrolls by itself, also with the keyboard.
    md.renderer.rules.table_open = () => '<div class="wide" tabindex="0" role="region" aria-label="Table"><table>\n';
    md.renderer.rules.table_close = () => '</table></div>\n';
  });
  eleventy.addFilter('from', (target, page) => relative(page, target) || path.posix.basename(target));
  eleventy.addFilter('outline', outline);

  const navigation = pages.navigation();
  const order = navigation.flatMap((section) => section.pages);
  for (const { input, text, data } of pages.all()) {
    const at = order.findIndex((page) => page.file === data.source);
    const around = at < 0 ? {} : { previous: order[at - 1], next: order[at + 1] };
    eleventy.addTemplate(input, text, { layout: 'page.njk', ...data, ...around, navigation, api: process.env.SITE_API === 'yes' });
  }
  eleventy.addPassthroughCopy('assets');
  eleventy.addPassthroughCopy({ 'node_modules/minisearch/dist/umd/index.js': 'assets/minisearch.js', ...pages.copies() });

  eleventy.on('eleventy.after', ({ results }) => {
    const found = results
      .filter(({ url }) => !url.startsWith('/files/'))
      .flatMap(({ url, content }) => sections(content, url.replace(/\/$/, '/index.html').slice(1), title(content)));
    // A script and not JSON, so that the search works from a folder, too, without a server.
    fs.writeFileSync(path.join(output, 'assets/sections.js'), `globalThis.liveSyncSections = ${JSON.stringify(found)};\n`);
  });
  return { dir: { input: '.', includes: 'layout', output }, markdownTemplateEngine: false };
}

function links(state, pages) {
  const anchors = new Anchors();
  state.tokens.forEach((token, at) => {
    if (token.type === 'heading_open') {
      token.attrSet('id', anchors.of(plain(state.tokens[at + 1])));
    }
    // The policy of the pages allows no styles in them.
    const style = token.attrGet('style');
    if (style) {
      token.attrs.splice(token.attrIndex('style'), 1);
      token.attrJoin('class', style.replace('text-align:', ''));
    }
    for (const child of token.children ?? []) {
      const name = { link_open: 'href', image: 'src' }[child.type];
      if (name && state.env.source) {
        child.attrSet(name, pages.link(state.env.source, child.attrGet(name)));
      } else if (child.type === 'html_inline' && state.env.source) {
        child.content = child.content.replace(/\bsrc="([^"]*)"/, (all, image) => `src="${pages.link(state.env.source, image)}"`);
      }
    }
  });
}

function title(html) {
  return /<title>(.*?)(?: · LiveSync)?<\/title>/s.exec(html)[1];
}
