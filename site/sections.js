// A page cut at its headings: what the search finds, and the outline beside the text.
const HEADING = /<h([1-3]) id="([^"]*)"[^>]*>(.*?)<\/h\1>/gs;
const ENTITIES = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'", '&#x27;': "'", '&amp;': '&' };

export function outline(html) {
  return [...html.matchAll(HEADING)]
    .map(([, level, id, text]) => ({ level: Number(level), id, text: words(text) }))
    .filter((heading) => heading.level > 1);
}

/** Sections of a page's article, for the search. */
export function sections(html, page, title) {
  const article = /<article>(.*)<\/article>/s.exec(html)?.[1] ?? '';
  const headings = [...article.matchAll(HEADING)];
  return headings.map((heading, at) => ({
    address: heading[1] === '1' ? page : `${page}#${heading[2]}`,
    page: title,
    heading: words(heading[3]),
    text: words(article.slice(heading.index + heading[0].length, headings[at + 1]?.index)),
  }));
}

function words(html) {
  return html
    .replace(/<!--.*?-->/gs, ' ')
    .replace(/<\/?(?:p|li|td|th|tr|pre|ul|ol|table|br|h\d)\b[^>]*>/g, ' ')
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:lt|gt|quot|#39|#x27|amp);/g, (entity) => ENTITIES[entity])
    .replace(/\s+/g, ' ')
    .trim();
}
