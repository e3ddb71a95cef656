/** The labels' colours on our own pages and in the toolbar: those of the badges. */

import '../content/colours.js';

export const {of: COLOURS, rules} = touchstone.colours;

/** Have the pills of this page wear them. */
export function wear() {
	const sheet = new CSSStyleSheet();
	sheet.replaceSync(rules);
	document.adoptedStyleSheets.push(sheet);
}
