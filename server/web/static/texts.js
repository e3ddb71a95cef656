/** The catalogue in the person's language; the same one that the extension speaks. */

const LANGUAGES = ['en', 'zh_CN'];
/** @type {Record<string, {message: string}>} */
let catalogue = {};
let wanted = '';

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
	wanted = language;
	const answer = await fetch(`/catalogue/${language}.json`);
	const loaded = await answer.json();
	if (wanted !== language) {
		// The person has chosen another meanwhile, and that one may have come first.
		return;
	}
	catalogue = loaded;
	localStorage.setItem('language', language);
	document.documentElement.lang = language.replace('_', '-');
	for (const node of document.querySelectorAll('[data-text]')) {
		node.textContent = texts(/** @type {HTMLElement} */ (node).dataset.text ?? '');
	}
}
