/** How the bytes of a picture were got, and what more can be done, in words. Pure. */

import {fill} from './words.js';

/** @typedef {import('./words.js').Texts} Texts */
/** @typedef {import('./words.js').View} View */
/** @typedef {{screen: string, better: string, best: string, shown: string, busy: string, failed: string}} Acts the words of what a card offers; '' for what it does not */

// What a site does that keeps a file from us, though the page may show it.
const REFUSED = new Set(['not_read_network', 'not_read_http', 'not_read_cross_origin', 'not_read_type']);
// Not worth a look at the screen: the file came, and is not one that can be checked.
const NOT_FOR_THE_SCREEN = new Set(['not_read_too_large']);

/**
 * Say in a view what a report or its absence alone cannot: that the site kept the file back, or that only the screen was looked at.
 * @param {View} view
 * @param {import('./record.js').Record} record
 * @param {Texts} texts
 * @returns {View & {acts: Acts}}
 */
export function dress(view, {report, failure, source}, texts) {
	const acts = {
		screen: failure?.code.startsWith('not_read_') && !NOT_FOR_THE_SCREEN.has(failure.code) ? texts('act_screen') : '',
		better: texts('act_better'), best: texts('best_copy'), shown: texts('best_shown'), busy: texts('panel_busy'), failed: texts('panel_failed'),
	};
	// What is not there is not kept back.
	const absent = [404, 410].includes(Number(failure?.params?.status));
	if (failure && REFUSED.has(failure.code) && !absent) {
		return {...named(view, 'label_not_read', texts), acts};
	}
	if (!report || source.how !== 'screen') {
		return {...view, acts};
	}
	// The words of the labels speak of a file that was read: here none was.
	const key = `label_screen_${view.label}`;
	const facts = view.facts.filter(([name]) => name !== texts('card_address'));
	return {
		...texts(key) ? named(view, key, texts) : view, acts, hint: texts('label_screen_hint'),
		words: {...view.words, file: texts('panel_pixels')},
		facts: [[texts('way'), wayOf(source, texts)], ...facts],
	};
}

/** @param {View} view @param {string} key @param {Texts} texts @returns {View} */
function named(view, key, texts) {
	const name = texts(key);
	return {...view, name, action: fill(texts, 'badge_open', {label: name})};
}

/** @param {import('./record.js').Source} source @param {Texts} texts */
export function wayOf({how, part = 100}, texts) {
	return how ? fill(texts, `way_${how}`, {part}) : '';
}
