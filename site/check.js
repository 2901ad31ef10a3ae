// Fails if a link of the built site leads nowhere, or something of it comes from elsewhere. What is outside is not asked for.
import fs from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url)); // Node 18 has no name for it

const site = path.resolve(process.argv[2] ?? path.join(here, '../target/site'));
const TAG = /<(a|area|link|script|img|iframe|source|form|object|embed)\b([^>]*)>/gi;
const ATTRIBUTE = /\s(href|src|action|data|srcset)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;
const NAME = /\s(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;
const ENTITIES = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" };

const problems = new Set();
const names = new Map();
let pages = 0;
let links = 0;

const text = (value) => value.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity]);
const withoutCode = (html) => html.replace(/<!--.*?-->/gs, '').replace(/<script\b([^>]*)>.*?<\/script>/gs, '<script$1></script>');

function namesOf(file) {
  let found = names.get(file);
  if (!found) {
    const html = withoutCode(fs.readFileSync(file, 'utf8'));
    found = new Set([...html.matchAll(NAME)].map((match) => text(match[1] ?? match[2])));
    names.set(file, found);
  }
  return found;
}

function check(file) {
  pages++;
  const shown = path.relative(site, file);
  if (!shown.startsWith('api/') && /<[a-z][^<>]*\s(?:style|on[a-z]+)="/.test(withoutCode(fs.readFileSync(file, 'utf8')))) {
    problems.add(`${shown}: a style or script in an attribute, which the page's policy forbids`);
  }
  for (const [, tag, attributes] of withoutCode(fs.readFileSync(file, 'utf8')).matchAll(TAG)) {
    for (const [, , double, single] of attributes.matchAll(ATTRIBUTE)) {
      const target = text(double ?? single);
      if (/^(?:[a-z][a-z0-9+.-]*:|\/\/)/i.test(target)) {
        if (tag.toLowerCase() !== 'a') {
          problems.add(`${shown}: <${tag}> takes ${target} from elsewhere`);
        }
        continue;
      }
      links++;
      const [, name, anchor] = /^([^?#]*)(?:\?[^#]*)?(?:#(.*))?$/s.exec(target);
      if (name.startsWith('/')) {
        problems.add(`${shown}: ${target} holds at the root of a server only`);
        continue;
      }
      let to = name === '' ? file : path.resolve(path.dirname(file), decodeURIComponent(name));
      if (!to.startsWith(site)) {
        problems.add(`${shown}: ${target} leaves the site`);
      } else if (!fs.existsSync(to)) {
        problems.add(`${shown}: ${target} doesn't exist`);
      } else if (fs.statSync(to).isDirectory()) {
        problems.add(`${shown}: ${target} is a folder`);
      } else if (shown === 'api/constant-values.html' && anchor === 'dev.livesync') {
        continue; // javadoc 17 names a heading that it doesn't write
      } else if (anchor && to.endsWith('.html') && !namesOf(to).has(decodeURIComponent(anchor)) && anchor !== 'top') {
        problems.add(`${shown}: ${target} has no such anchor`);
      }
    }
  }
}

function walk(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      walk(file);
    } else if (entry.name.endsWith('.html')) {
      check(file);
    } else if (entry.name.endsWith('.css') && /url\(\s*['"]?(?:https?:)?\/\//.test(fs.readFileSync(file, 'utf8'))) {
      problems.add(`${path.relative(site, file)}: takes something from elsewhere`);
    }
  }
}

walk(site);
for (const problem of problems) {
  console.error(problem);
}
if (pages < 50 || links < 1000) {
  console.error(`only ${pages} pages with ${links} links: something is missing`);
  process.exitCode = 1;
} else if (problems.size > 0) {
  console.error(`${problems.size} broken links`);
  process.exitCode = 1;
} else {
  console.log(`${pages} pages with ${links} links, none of them broken`);
}
