/** Has images examined, in their turn: those that a page shows, and the one that a person points at. */

import {browser} from './browser.js';
import {mayRead} from './access.js';
import {examine, readBytes} from './examine.js';
import {Cancelled, Queue} from './queue.js';

/** @typedef {import('./chosen.js').Picture} Picture */

// Before all that is in the viewport: a person waits for it.
const POINTED_AT = -1;

export class Examiner {
	#queue = new Queue();

	/**
	 * @param {{
	 *   connection: import('./connection.js').Connection,
	 *   chosen: import('./chosen.js').Chosen,
	 *   taste: () => Promise<Pick<import('./settings.js').Settings, 'threshold' | 'density' | 'cookies'>>,
	 *   texts: import('./words.js').Texts,
	 * }} parts
	 */
	constructor({connection, chosen, taste, texts}) {
		this.connection = connection;
		this.chosen = chosen;
		this.taste = taste;
		this.texts = texts;
	}

	/**
	 * Examine an image; `{view}`, `{wait}` if the server cannot be asked now, or `{cancelled}`.
	 * @param {Picture} picture
	 * @param {number} tab
	 * @param {number} rank
	 */
	async examine(picture, tab, rank) {
		const state = await this.connection.state();
		if (state !== 'ready') {
			return {wait: state};
		}
		const {threshold, density, cookies} = await this.taste();
		const parts = {connection: this.connection, texts: this.texts, threshold, density, cookies, allowed: mayRead};
		const job = () => examine({...picture, readInPage: reader(picture, tab)}, parts);
		return this.#queue.add(key(picture, tab), rank, job, tab).catch((/** @type {any} */ error) => {
			if (error instanceof Cancelled) {
				return {cancelled: true};
			}
			if (error?.view || error?.wait) {
				return error;
			}
			throw error;
		});
	}

	/** @param {Picture} picture @param {number} tab */
	cancel(picture, tab) {
		this.#queue.cancel(key(picture, tab));
	}

	/**
	 * Examine what a person pointed at, whatever its size and even while paused; the panel shows it.
	 * @param {Picture} picture
	 * @param {number} tab
	 */
	async check(picture, tab) {
		await this.chosen.set(tab, {...picture, record: null, busy: true});
		const answer = await this.examine(picture, tab, POINTED_AT).catch(() => null);
		const now = await this.chosen.get(tab);
		// The person may have chosen another meanwhile, or left the page.
		if (now?.busy && key(now, tab) === key(picture, tab)) {
			await this.chosen.set(tab, {...picture, record: answer?.view?.record ?? null, busy: false, problem: answer?.wait});
		}
	}

	/** Check what the panel of a tab shows once more. @param {number} tab */
	async recheck(tab) {
		const picture = await this.chosen.get(tab);
		await (picture && this.check(picture, tab));
	}

	/** The bytes of what the panel of a tab shows. Throws ImageError. @param {number} tab */
	async bytes(tab) {
		const picture = await this.chosen.get(tab);
		if (picture?.record?.source.how === 'screen') {
			return this.chosen.shot(tab, picture.record.report.sha256);
		}
		return picture && readBytes({...picture, readInPage: reader(picture, tab)}, {allowed: mayRead, cookies: (await this.taste()).cookies});
	}
}

/** The same address is the same job for all pages, unless only the page can read it. @param {Picture} picture @param {number} tab */
function key({id, url, own, frame}, tab) {
	return own ? `${tab}/${frame}/${id}` : url;
}

/** Asks the page for the bytes, where it can read them. @param {Picture} picture @param {number} tab */
function reader({own, id, frame}, tab) {
	return own ? () => browser.tabs.sendMessage(tab, {name: 'read', id}, {frameId: frame}).catch(() => null) : null;
}
