/** Whether the rules of the page's styles have changed, in the ways that no node tells of. It reads the page and writes nothing. */

'use strict';

{
	let known = '';

	/** Since the last time that this was asked. */
	function changed() {
		const before = known;
		known = [...document.styleSheets, ...document.adoptedStyleSheets ?? []].map(count).join();
		return before !== '' && before !== known;
	}

	/** Counted, not read: that costs next to nothing. @param {CSSStyleSheet} sheet */
	function count(sheet) {
		try {
			return sheet.disabled ? 'off' : sheet.cssRules.length;
		} catch {
			// Of another site.
			return '';
		}
	}

	touchstone.rules = {changed};
}
