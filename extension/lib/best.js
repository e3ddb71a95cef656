/** The copy on the page beside the best copy of a picture: two files, told apart. Pure. */

import {fill} from './words.js';

/** @typedef {import('./record.js').Record} Record */
/** @typedef {import('./words.js').Texts} Texts */
/**
 * @typedef {object} Best
 * @property {string} url
 * @property {'linked' | 'largest'} why the picture leads there, or it is the largest that the page offers the browser
 * @property {boolean} own whether the page may read it itself
 * @property {Record} [record] what was found of it
 */

const LABELED = new Set(['ai_generated', 'ai_edited', 'possibly_ai']);
// The same picture in another size has the same sides, but for rounding and a cut of a few pixels.
const SHAPE = 0.03;

/**
 * What the two copies have to say of each other, in words.
 * @param {Record | null | undefined} shown
 * @param {Best} best
 * @param {Texts} texts
 */
export function compare(shown, {why, record}, texts) {
	const [page, other] = [shown?.report, record?.report];
	if (!other) {
		return texts(`best_${why}`);
	}
	const said = [texts(`best_${why}`)];
	if (page && page.sha256 === other.sha256) {
		return [...said, texts('best_same')].join(' ');
	}
	if (page && Math.abs(Math.log(page.width / page.height * other.height / other.width)) > SHAPE) {
		said.push(texts('best_shape'));
	}
	const [onPage, onBest] = [page, other].map(report => LABELED.has(report?.verdict.label));
	if (onBest && !onPage) {
		said.push(fill(texts, 'best_label_only', {label: texts(`label_${other.verdict.label}`)}));
	} else if (onPage && !onBest) {
		said.push(texts('best_page_only'));
	}
	return said.join(' ');
}
