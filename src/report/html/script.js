'use strict';
(() => {
  const root = document.documentElement;

  // Which language is shown.
  const button = document.getElementById('language');
  const show = (language) => {
    root.lang = language;
    root.dir = language === 'ar' ? 'rtl' : 'ltr';
    button.textContent = language === 'ar' ? 'English' : 'العربية';
  };
  button.addEventListener('click', () => {
    show(root.lang === 'ar' ? 'en' : 'ar');
    try { localStorage.setItem('tikrar-language', root.lang); } catch { /* Not every page has a place for it. */ }
  });
  let language = null;
  try { language = localStorage.getItem('tikrar-language'); } catch { /* As above. */ }
  show(language === 'en' ? 'en' : 'ar');
  button.hidden = false;

  // Search looks past what readers do not look for: marks, the spelling of some letters, kinds of quotation marks and digits.
  const digits = (c) => String.fromCharCode(48 + (c.charCodeAt(0) & 15));
  const folded = (text) => text.normalize('NFKC').toLowerCase()
    .replace(/[\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E8\u06EA-\u06ED]/g, '')
    .replace(/[\u0622\u0623\u0625\u0671]/g, '\u0627')
    .replace(/[\u0649\u06CC]/g, '\u064A')
    .replace(/\u0629/g, '\u0647')
    .replace(/\u06A9/g, '\u0643')
    .replace(/[\u0660-\u0669\u06F0-\u06F9]/g, digits)
    .replace(/['\u00AB\u00BB\u2018-\u201F]/g, '"')
    .replace(/\s+/g, ' ').trim();

  const form = document.getElementById('search');
  if (!form) return;
  const query = document.getElementById('query');
  const hits = document.getElementById('hits');
  const none = document.getElementById('none');
  const parts = [...document.querySelectorAll('.block, .document')];
  const texts = new Map();
  const textOf = (part) => {
    if (!texts.has(part)) {
      const shown = [...part.querySelectorAll('.t, .name, .places bdi')];
      texts.set(part, folded(shown.map((node) => node.textContent).join('\n')));
    }
    return texts.get(part);
  };
  const search = () => {
    const wanted = folded(query.value);
    let count = 0;
    for (const part of parts) {
      part.hidden = wanted !== '' && !textOf(part).includes(wanted);
      if (!part.hidden) count += 1;
    }
    hits.textContent = wanted === '' ? '' : `${count} / ${parts.length}`;
    none.hidden = count > 0;
  };
  let waiting;
  query.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(search, 150);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    search();
  });
  form.hidden = false;

  // What is linked to is shown, whatever is searched for, and wherever it lies.
  const jump = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let part = target; part; part = part.parentElement) {
      if (part.hidden) {
        query.value = '';
        search();
      }
      if (part.tagName === 'DETAILS') part.open = true;
    }
    target.scrollIntoView();
  };
  addEventListener('hashchange', jump);
  // A link to where the page is already changes nothing that would be told of.
  document.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link && link.hash === location.hash) jump();
  });
  jump();
})();
