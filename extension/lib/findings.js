/** Asks the frames of a tab what they have found: it is kept there and nowhere else, and goes with the page. */

import {browser} from './browser.js';

/**
 * @typedef {{
 * 	frame: number, page: string, id: number, url: string, alt: string, label: string,
 * 	record: import('./record.js').Record | null, best?: import('./record.js').Record | null,
 * 	sayings: import('./disclosure.js').Saying[], difference: import('./disclosure.js').Difference,
 * }} Item
 */

/**
 * All images of a tab that have an answer, frame by frame; with their records if `whole`.
 * @param {number} tab
 * @param {number[]} frames
 * @param {boolean} whole
 * @returns {Promise<Item[]>}
 */
export async function gather(tab, frames, whole) {
	const answers = await Promise.all(frames.map(frameId =>
		browser.tabs.sendMessage(tab, {name: 'list', whole}, {frameId}).catch(() => null)));
	return answers.flatMap((answer, at) => (answer?.items ?? []).map((/** @type {any} */ item) => ({frame: frames[at], page: answer.page, ...item})));
}

/**
 * Bring an image into view and its badge into focus; `gone` if the page no longer has it.
 * @param {number} tab
 * @param {number} frameId
 * @param {number} id
 * @returns {Promise<'shown' | 'hidden' | 'gone'>}
 */
export async function reveal(tab, frameId, id) {
	await browser.tabs.update(tab, {active: true});
	return await browser.tabs.sendMessage(tab, {name: 'reveal', id}, {frameId}).catch(() => null) ?? 'gone';
}
