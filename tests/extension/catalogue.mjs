/** The catalogues as the extension reads them, for tests. */

import {readFileSync} from 'node:fs';

export const LANGUAGES = ['en', 'zh_CN'];

/** @param {string} language @returns {Record<string, string>} */
export function catalogue(language) {
	const path = new URL(`../../extension/_locales/${language}/messages.json`, import.meta.url);
	const entries = Object.entries(JSON.parse(readFileSync(path, 'utf8')));
	return Object.fromEntries(entries.map(([key, {message}]) => [key, message]));
}

/** As `i18n.getMessage`: '' for an unknown key. @param {string} language */
export function texts(language) {
	const messages = catalogue(language);
	return key => messages[key] ?? '';
}
