/** How many images of each label every open tab shows, and what the toolbar says about it. */

import {COLOURS} from './colours.js';
import {fill} from './words.js';

/** @typedef {Record<string, number>} Counts images by label, and `waiting` */
/** @typedef {import('./server.js').State} State */
/** @typedef {import('./words.js').Texts} Texts */

const LABELED = ['ai_generated', 'ai_edited', 'possibly_ai'];
const ICONS = {16: 'icons/16.png', 32: 'icons/32.png'};
const GREY = {16: 'icons/grey-16.png', 32: 'icons/grey-32.png'};
const QUIET = '#5b6470';
// States in which the person can do something: worth a mark, but no noise.
const ASKS = new Set(['no_permission', 'silent', 'unpaired', 'other_program', 'too_old']);
const OFF = new Set(['off', 'private', 'site']);

export class Pages {
	/** @type {Map<number, Map<number, Counts>> | null} */
	#tabs = null;

	/** @param {import('./settings.js').Area} session survives the worker, not the browser */
	constructor(session) {
		this.session = session;
	}

	/**
	 * Note what one frame shows.
	 * @param {number} tab
	 * @param {number} frame
	 * @param {Counts} counts
	 */
	async note(tab, frame, counts) {
		const tabs = await this.#load();
		tabs.set(tab, (tabs.get(tab) ?? new Map()).set(frame, counts));
		await this.#save();
	}

	/** @param {number} tab */
	async clear(tab) {
		(await this.#load()).delete(tab);
		await this.#save();
	}

	/**
	 * The sum over all frames of a tab; null if none has reported.
	 * @param {number} tab
	 * @returns {Promise<Counts | null>}
	 */
	async counts(tab) {
		const frames = (await this.#load()).get(tab);
		if (!frames) {
			return null;
		}
		/** @type {Counts} */
		const sum = {};
		for (const counts of frames.values()) {
			for (const [label, count] of Object.entries(counts)) {
				sum[label] = (sum[label] ?? 0) + count;
			}
		}
		return sum;
	}

	/** The frames of a tab that have reported, the page itself first. @param {number} tab */
	async frames(tab) {
		return [...(await this.#load()).get(tab)?.keys() ?? []].sort((a, b) => a - b);
	}

	/** All tabs that have reported. */
	async tabs() {
		return [...(await this.#load()).keys()];
	}

	async #load() {
		if (!this.#tabs) {
			const {pages = []} = await this.session.get('pages');
			// Another caller may have loaded in the meantime.
			this.#tabs ??= new Map(pages.map((/** @type {any} */ [tab, frames]) => [tab, new Map(frames)]));
		}
		return /** @type {Map<number, Map<number, Counts>>} */ (this.#tabs);
	}

	async #save() {
		const pages = [...(await this.#load())].map(([tab, frames]) => [tab, [...frames]]);
		await this.session.set({pages});
	}
}

/**
 * Whether a tab's address is one that our scripts can be in. What a page that the tab has left had
 * counted says nothing about the browser's own page in it now.
 * @param {string} url
 */
export function isPage(url) {
	return /^(https?|file):/.test(url);
}

/**
 * What the toolbar shows for a tab.
 * @param {{state: State | null, reason: import('./standing.js').Reason | null, counts: Counts | null}} page reason: why it is not looked at
 * @param {Texts} texts
 */
export function toolbar({state, reason, counts}, texts) {
	if (state && state !== 'ready') {
		const title = `${texts('extension_name')}: ${texts(`server_${state}`)}`;
		return {icon: GREY, text: ASKS.has(state) ? '!' : '', title, colour: QUIET};
	}
	if (reason) {
		const text = OFF.has(reason) ? texts('toolbar_off') : reason === 'permission' ? '!' : '';
		return {icon: GREY, text, title: texts(`toolbar_reason_${reason}`), colour: QUIET};
	}
	const total = Object.entries(counts ?? {}).reduce((sum, [label, n]) => label === 'waiting' ? sum : sum + n, 0);
	const labeled = LABELED.reduce((sum, label) => sum + (counts?.[label] ?? 0), 0);
	const suspected = counts?.suspected_ai ?? 0;
	// One number for the eye; the words tell a label from a suspicion.
	const title = fill(texts, suspected ? 'toolbar_suspected' : 'toolbar_ready', {labeled, suspected, total});
	return {icon: ICONS, text: String(labeled + suspected || ''), title, colour: COLOURS.ai_generated.back};
}
