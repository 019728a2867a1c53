/** The element of the page with that id. */
export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no element #${id}`);
  return found as T;
}

/** Shows a word in the middle of the page, none for ''. */
export function notice(text: string): void {
  element('notice').textContent = text;
  element('notice').hidden = text === '';
}
