// Which pages there are, where each goes, and where a link on one of them leads.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const LANGUAGES = {
  '.css': 'css', '.html': 'html', '.java': 'java', '.js': 'js', '.json': 'json', '.jsonc': 'json', '.kt': 'kotlin', '.mjs': 'js',
  '.properties': 'properties', '.sh': 'sh', '.svg': 'xml', '.txt': '', '.xml': 'xml', '.yml': 'yaml', '': '',
};
const LARGEST_SHOWN = 128 * 1024;
const LINK = /\]\(([^)\s]+)\)|\bsrc="([^"]+)"/g;
const FENCE = /^(```|~~~).*?^\1/gms;

export class Pages {
  #root;
  #files;
  #sections;
  #sources = new Map(); // page of Markdown to its address
  #shown = new Map(); // file of the repository to its address
  #folders = new Map();
  #copied = new Map();
  #problems = [];

  constructor(root) {
    this.#root = root;
    this.#files = new Set(
      execFileSync('git', ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
        .split('\0')
        .filter((file) => file && fs.existsSync(path.join(root, file))),
    );
    this.#sections = JSON.parse(fs.readFileSync(path.join(root, 'site/navigation.json'), 'utf8'));
    for (const file of this.#files) {
      if (/^(docs\/.*|[A-Z]+)\.md$/.test(file)) {
        this.#sources.set(file, address(file));
      }
    }
    for (const file of [...this.#sources.keys()]) {
      this.#follow(file);
    }
    if (this.#problems.length > 0) {
      throw new Error(this.#problems.join('\n'));
    }
  }

  /** What is linked to is shown, too, and what that links to. */
  #follow(source) {
    for (const [, linked, image] of this.#text(source).replace(FENCE, '').matchAll(LINK)) {
      const target = linked ?? image;
      if (!isOutside(target) && !target.startsWith('#')) {
        this.#show(this.#resolve(source, target.replace(/#.*/, '')), source);
      }
    }
  }

  #show(file, source) {
    if (this.#sources.has(file) || this.#shown.has(file) || this.#copied.has(file) || this.#folders.has(file)) {
      return;
    }
    const inside = [...this.#files].filter((other) => other.startsWith(`${file}/`));
    if (inside.length > 0) {
      this.#folders.set(file, inside);
      const readme = `${file}/README.md`;
      if (this.#files.has(readme)) {
        this.#sources.set(readme, `files/${file}/index.html`);
        this.#follow(readme);
      }
      inside.forEach((other) => this.#show(other, source));
    } else if (this.#files.has(file)) {
      const language = LANGUAGES[path.extname(file)];
      const isShown = language !== undefined && fs.statSync(path.join(this.#root, file)).size <= LARGEST_SHOWN;
      if (file.startsWith('docs/')) {
        this.#copied.set(file, file.slice('docs/'.length));
      } else if (isShown) {
        this.#shown.set(file, `files/${file}.html`);
      } else {
        this.#copied.set(file, `files/${file}`);
      }
    } else {
      this.#problems.push(`${source} links to ${file}, which doesn't exist`);
    }
  }

  /** The address, from a page's own, of what a link on it names. */
  link(source, target) {
    if (isOutside(target) || target.startsWith('#')) {
      return target;
    }
    const [, file, anchor] = /^([^#]*)(#.*)?$/.exec(target);
    const to = this.#addressOf(this.#resolve(source, file));
    if (to === undefined) {
      throw new Error(`${source} links to ${target}, which is nowhere on the site`);
    }
    return relative(this.#addressOf(source), to) + (anchor ?? '');
  }

  #addressOf(name) {
    return (
      this.#sources.get(name) ??
      this.#sources.get(`${name}/README.md`) ??
      this.#shown.get(name) ??
      this.#copied.get(name) ??
      (this.#folders.has(name) ? `files/${name}/index.html` : undefined)
    );
  }

  #resolve(source, target) {
    return path.posix.normalize(path.posix.join(path.posix.dirname(source), decodeURI(target))).replace(/\/$/, '');
  }

  #text(file) {
    return fs.readFileSync(path.join(this.#root, file), 'utf8');
  }

  /** Pages of docs/ that the navigation doesn't name. Decisions have a list of their own. */
  missing() {
    const named = new Set(this.#sections.flatMap((section) => Object.keys(section.pages)));
    return [...this.#sources.keys()].filter(
      (file) => !named.has(file) && !file.startsWith('docs/adr/') && this.#sources.get(file).startsWith('files/') === false,
    );
  }

  /** Sections of links, in order. Pages that are still to come are left out. */
  navigation() {
    const more = { title: 'More', pages: Object.fromEntries(this.missing().map((file) => [file, this.#title(file)])) };
    return [...this.#sections, more]
      .map(({ title, pages }) => ({
        title,
        pages: Object.entries(pages)
          .filter(([file]) => this.#sources.has(file))
          .map(([file, label]) => ({ file, label, address: this.#sources.get(file) })),
      }))
      .filter((section) => section.pages.length > 0);
  }

  #title(file) {
    return /^# (.*)$/m.exec(this.#text(file))?.[1].replace(/`/g, '') ?? file;
  }

  /** Everything that becomes a page: what it is made of, and its data. */
  all() {
    const pages = [];
    for (const [source, to] of this.#sources) {
      const folder = path.posix.dirname(source);
      const contents = to.startsWith('files/') ? `\n\n## Files\n\n${this.#listing(folder, folder)}` : '';
      pages.push({ input: `${to}.md`, text: this.#text(source) + contents, data: data(source, to, this.#title(source)) });
    }
    for (const folder of this.#folders.keys()) {
      if (!this.#sources.has(`${folder}/README.md`)) {
        const to = `files/${folder}/index.html`;
        pages.push({ input: `${to}.md`, text: `# ${folder}\n\n${this.#listing(folder, path.posix.dirname(folder))}`, data: data(folder, to, folder) });
      }
    }
    for (const [file, to] of this.#shown) {
      const text = this.#text(file);
      const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
      const shown = `# ${path.posix.basename(file)}\n\n\`${file}\`\n\n${fence}${LANGUAGES[path.extname(file)]}\n${text}\n${fence}\n`;
      pages.push({ input: `${to}.md`, text: shown, data: data(file, to, file) });
    }
    return pages;
  }

  /** Links to a folder's files, as a page in another folder writes them. */
  #listing(folder, base) {
    return this.#folders
      .get(folder)
      .filter((file) => file !== `${folder}/README.md`)
      .map((file) => `- [${file.slice(folder.length + 1)}](${encodeURI(path.posix.relative(base, file))})`)
      .join('\n');
  }

  /** Files as they are: those beside the pages of docs/, and what can't be shown. */
  copies() {
    return Object.fromEntries([...this.#copied].map(([file, to]) => [path.join('..', file), to]));
  }
}

function data(source, to, title) {
  return { source, permalink: to, title, isFile: to.startsWith('files/'), address: to };
}

function address(file) {
  const page = file.replace(/\.md$/, '.html');
  return page.startsWith('docs/') ? page.slice('docs/'.length).replace(/README\.html$/, 'index.html') : `project/${page.toLowerCase()}`;
}

function isOutside(target) {
  return /^[a-z]+:/.test(target);
}

export function relative(from, to) {
  return path.posix.relative(path.posix.dirname(from), to);
}
