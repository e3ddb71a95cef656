/** Makes elements for the extension's own pages. Text only, never markup: most values were written by strangers. */

/**
 * @param {string} tag
 * @param {string} className
 * @param {...(Node | string)} content
 */
export function make(tag, className, ...content) {
	const element = document.createElement(tag);
	if (className) {
		element.className = className;
	}
	element.append(...content);
	return element;
}

/** Names and values. @param {[string, string][]} rows */
export function list(rows) {
	return make('dl', '', ...rows.flatMap(([name, value]) => {
		const long = value.length > 40 && !/\s\S+\s/.test(value);
		return [make('dt', '', name), make('dd', long ? 'code' : '', value)];
	}));
}

/** Write a text only when it changed, so that a screen reader does not say it again. @param {Element} element @param {string} text */
export function write(element, text) {
	if (element.textContent !== text) {
		element.textContent = text;
	}
}

/**
 * Show which of some radio buttons is chosen; what an administrator has fixed cannot be changed.
 * @param {string} name the setting's, and theirs
 * @param {string} chosen
 * @param {string[]} fixed names of settings
 */
export function mark(name, chosen, fixed) {
	for (const radio of document.querySelectorAll(`[name=${name}]`)) {
		const {value} = /** @type {HTMLInputElement} */ (radio);
		Object.assign(radio, {checked: value === chosen, disabled: fixed.includes(name)});
	}
}

/** Write all fixed texts of the page. @param {(key: string) => string} texts */
export function translate(texts) {
	// The language of the texts: the browser's own may be one that there are no texts in.
	document.documentElement.lang = texts('language_tag');
	for (const element of document.querySelectorAll('[data-text]')) {
		element.textContent = texts(/** @type {HTMLElement} */ (element).dataset.text ?? '');
	}
}
