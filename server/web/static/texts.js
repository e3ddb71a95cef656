/** The catalogue in the person's language; the same one that the extension speaks. */

const LANGUAGES = ['en', 'zh_CN'];
/** @type {Record<string, {message: string}>} */
let catalogue = {};

/** The catalogue's text of a key, '' if there is none. @param {string} key */
export const texts = key => catalogue[key]?.message ?? '';

/** The language chosen here before, else the browser's. */
export function preferred() {
	const browser = navigator.language.toLowerCase().startsWith('zh') ? 'zh_CN' : 'en';
	const chosen = localStorage.getItem('language') ?? browser;
	return LANGUAGES.includes(chosen) ? chosen : 'en';
}

/** Load a language and write all fixed texts of the page. @param {string} language */
export async function speak(language) {
	const answer = await fetch(`/catalogue/${language}.json`);
	catalogue = await answer.json();
	localStorage.setItem('language', language);
	document.documentElement.lang = language.replace('_', '-');
	for (const node of document.querySelectorAll('[data-text]')) {
		node.textContent = texts(/** @type {HTMLElement} */ (node).dataset.text ?? '');
	}
}
