// Searches the pages in the browser. What is searched is loaded when somebody begins to.
(() => {
  const MOST = 12;
  const root = document.documentElement.dataset.root;
  const input = document.getElementById('search');
  const list = document.getElementById('found');
  const told = document.getElementById('told');
  let index;
  let chosen = -1;

  const script = (name) =>
    new Promise((resolve, reject) => {
      const element = document.createElement('script');
      element.src = `${root}assets/${name}`;
      element.onload = resolve;
      element.onerror = () => reject(new Error(name));
      document.head.append(element);
    });

  const load = () =>
    (index ??= Promise.all([script('minisearch.js'), script('sections.js')]).then(() => {
      const made = new globalThis.MiniSearch({
        fields: ['heading', 'page', 'text'],
        storeFields: ['address', 'page', 'heading', 'text'],
        searchOptions: { boost: { heading: 4, page: 3 }, prefix: true, fuzzy: (term) => (term.length > 4 ? 0.2 : false), combineWith: 'AND' },
      });
      made.addAll(globalThis.liveSyncSections.map((section, id) => ({ id, ...section })));
      return made;
    }));

  const part = (text, terms) => {
    const lower = text.toLowerCase();
    const at = Math.max(0, ...terms.map((term) => lower.indexOf(term)).filter((place) => place >= 0).slice(0, 1));
    const from = at < 60 ? 0 : text.lastIndexOf(' ', at - 40) + 1;
    return (from > 0 ? '… ' : '') + text.slice(from, from + 140) + (from + 140 < text.length ? ' …' : '');
  };

  const marked = (element, text, terms) => {
    const found = terms.map((term) => term.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    const pieces = found.length === 0 ? [text] : text.split(new RegExp(`(${found.join('|')})`, 'giu'));
    pieces.forEach((piece, at) => {
      if (at % 2 === 0) {
        element.append(piece);
      } else {
        const mark = document.createElement('mark');
        mark.textContent = piece;
        element.append(mark);
      }
    });
  };

  const close = () => {
    list.hidden = true;
    chosen = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };

  const choose = (place) => {
    const all = [...list.children];
    if (all.length === 0) {
      return;
    }
    all[chosen]?.setAttribute('aria-selected', 'false');
    chosen = (place + all.length) % all.length;
    all[chosen].setAttribute('aria-selected', 'true');
    all[chosen].scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', all[chosen].id);
  };

  const show = async () => {
    const asked = input.value.trim();
    if (asked === '') {
      told.textContent = '';
      close();
      return;
    }
    let results;
    try {
      results = (await load()).search(asked).slice(0, MOST);
    } catch (failure) {
      told.textContent = `The search could not be loaded: ${failure.message}`;
      return;
    }
    if (asked !== input.value.trim()) {
      return; // somebody typed on
    }
    list.replaceChildren(
      ...results.map((result, at) => {
        const item = document.createElement('li');
        item.id = `found-${at}`;
        item.setAttribute('role', 'option');
        item.setAttribute('aria-selected', 'false');
        const link = document.createElement('a');
        link.href = root + result.address;
        link.tabIndex = -1;
        const heading = document.createElement('strong');
        heading.textContent = result.heading === result.page ? result.heading : `${result.page}: ${result.heading}`;
        const text = document.createElement('span');
        marked(text, part(result.text, result.terms), result.terms);
        link.append(heading, text);
        item.append(link);
        return item;
      }),
    );
    chosen = -1;
    list.hidden = results.length === 0;
    input.setAttribute('aria-expanded', String(results.length > 0));
    input.removeAttribute('aria-activedescendant');
    told.textContent = results.length === 0 ? 'Nothing found' : '';
  };

  input.addEventListener('focus', () => load().catch(() => {}), { once: true });
  input.addEventListener('input', show);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      choose(event.key === 'ArrowDown' ? chosen + 1 : chosen < 0 ? -1 : chosen - 1);
    } else if (event.key === 'Enter') {
      const link = list.children[Math.max(chosen, 0)]?.querySelector('a');
      if (link && !list.hidden) {
        close();
        location.href = link.href;
      }
    } else if (event.key === 'Escape') {
      close();
    }
  });
  document.addEventListener('click', (event) => {
    if (!event.target.closest('.search')) {
      close();
    }
  });
  list.addEventListener('click', close);
  document.addEventListener('keydown', (event) => {
    if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
})();
