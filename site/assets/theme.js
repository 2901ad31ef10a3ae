// Before the page is painted: the choice of an earlier visit. Without one the system's setting counts.
(() => {
  const html = document.documentElement;
  const stored = (() => {
    try {
      return localStorage.getItem('theme');
    } catch {
      return null; // storage is forbidden
    }
  })();
  if (stored === 'dark' || stored === 'light') {
    html.dataset.theme = stored;
  }
  const system = matchMedia('(prefers-color-scheme: dark)');
  const current = () => html.dataset.theme ?? (system.matches ? 'dark' : 'light');
  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    const show = () => {
      button.textContent = current() === 'dark' ? 'Light' : 'Dark';
      button.setAttribute('aria-label', `Show these pages ${button.textContent.toLowerCase()}`);
    };
    button.hidden = false;
    button.addEventListener('click', () => {
      html.dataset.theme = current() === 'dark' ? 'light' : 'dark';
      try {
        localStorage.setItem('theme', html.dataset.theme);
      } catch {
        // then it lasts as long as the page
      }
      show();
    });
    system.addEventListener('change', show);
    show();
    // Wide screens show all pages beside the text.
    const pages = document.getElementById('pages');
    const wide = matchMedia('(min-width: 60rem)');
    const open = () => {
      pages.open = wide.matches;
    };
    wide.addEventListener('change', open);
    open();
    pages.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  });
})();
