// Names of headings, as code hosts make them, so that one link works there and here.
export class Anchors {
  #taken = new Map();

  of(heading) {
    const name = heading.toLowerCase().replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replace(/ /g, '-');
    const before = this.#taken.get(name) ?? 0;
    this.#taken.set(name, before + 1);
    return before === 0 ? name : `${name}-${before}`;
  }
}

/** The words of a heading without what marks them up. */
export function plain(inline) {
  return inline.children
    .filter((token) => token.type === 'text' || token.type === 'code_inline')
    .map((token) => token.content)
    .join('');
}
