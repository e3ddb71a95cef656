/** The colours of the labels: for badges on pages and for the pills of our own pages, which have no other. */

'use strict';

// In our own pages nobody was here before; in a page of the web port.js was.
globalThis.touchstone ??= /** @type {any} */ ({});

{
	// Ground, words and line. Of ground and line one is at least 3:1 against any pixel of a picture: for that they are 9:1 to each other.
	const [WHITE, VIOLET] = ['#fff', {back: '#541fae', ink: '#fff', line: '#fff'}];
	/** @type {Record<string, {back: string, ink: string, line: string}>} */
	const of = {
		ai_generated: VIOLET,
		ai_edited: VIOLET,
		possibly_ai: {back: '#f5f3ff', ink: '#4c1d95', line: '#4c1d95'},
		suspected_ai: {back: '#fff7e6', ink: '#7c2d12', line: '#702810'},
		invalid_credential: {back: '#8c1818', ink: WHITE, line: WHITE},
		captured: {back: '#14532d', ink: WHITE, line: WHITE},
	};
	const rules = Object.entries(of).map(([label, {back, ink, line}]) => `.${label} { --back: ${back}; --ink: ${ink}; --line: ${line}; }`).join('\n');

	touchstone.colours = {of, rules};
}
