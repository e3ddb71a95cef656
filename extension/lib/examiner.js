/** Has images examined, in their turn: those that a page shows, and the one that a person points at. */

import {browser} from './browser.js';
import {mayRead} from './access.js';
import {examine, readBytes} from './examine.js';
import {Cancelled, Queue} from './queue.js';
import {isQuick} from './record.js';

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
	 * @param {'quick' | 'full'} [look]
	 */
	async examine(picture, tab, rank, look = 'quick') {
		const state = await this.connection.state();
		if (state !== 'ready') {
			return {wait: state};
		}
		const {threshold, density, cookies} = await this.taste();
		const parts = {connection: this.connection, look, texts: this.texts, threshold, density, cookies, allowed: mayRead};
		const job = () => examine({...picture, readInPage: reader(picture, tab)}, parts);
		return this.#queue.add(`${look} ${key(picture, tab)}`, rank, job, tab).catch((/** @type {any} */ error) => {
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
		this.#queue.cancel(`quick ${key(picture, tab)}`);
	}

	/**
	 * Examine what a person pointed at, whatever its size and even while paused; the panel shows it.
	 * @param {Picture} picture
	 * @param {number} tab
	 */
	async check(picture, tab) {
		await this.chosen.set(tab, {...picture, record: null, busy: true});
		const answer = await this.#lookFully(picture, tab);
		const now = await this.chosen.get(tab);
		// The person may have chosen another meanwhile, or left the page.
		if (now?.busy && key(now, tab) === key(picture, tab)) {
			await this.chosen.set(tab, {...picture, record: answer?.view?.record ?? null, busy: false, problem: answer?.wait});
			await tell(picture, tab, answer?.view);
		}
	}

	/**
	 * Have the full model look at what the panel of a tab shows, where its fast student has answered: a person
	 * reads that now. The badge follows. False if it was not possible.
	 * @param {number} tab
	 */
	async deepen(tab) {
		const picture = await this.chosen.get(tab);
		if (!picture || !isQuick(picture.record)) {
			return true;
		}
		const answer = await this.#lookFully(picture, tab);
		const now = await this.chosen.get(tab);
		const file = picture.record?.report.sha256;
		if (!now || now.record?.report?.sha256 !== file || key(now, tab) !== key(picture, tab)) {
			// The person has chosen another meanwhile, or left the page.
			return true;
		}
		if (answer?.view?.record.report?.sha256 !== file) {
			// No answer, or one about another file than the one that the panel tells of.
			return false;
		}
		await this.chosen.set(tab, {...now, record: answer.view.record});
		await tell(picture, tab, answer.view);
		return true;
	}

	/** A person waits: that the server was away a moment ago is no reason not to ask. @param {Picture} picture @param {number} tab */
	#lookFully(picture, tab) {
		this.connection.doubt();
		return this.examine(picture, tab, POINTED_AT, 'full').catch(() => null);
	}

	/** Check what the panel of a tab shows once more. @param {number} tab */
	async recheck(tab) {
		const picture = await this.chosen.get(tab);
		await (picture && this.check(picture, tab));
	}

	/** Where what the panel of a tab shows looks like AI; null for another file than the one it tells of. Throws ImageError or ServerError. @param {number} tab */
	async regions(tab) {
		const picture = await this.chosen.get(tab);
		const read = await this.bytes(tab);
		this.connection.doubt();
		const answer = read && await this.connection.regions(read.bytes);
		return answer?.sha256 === picture?.record?.report?.sha256 ? answer : null;
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

/** Let the page's badge follow what was found. @param {Picture} picture @param {number} tab @param {any} view */
async function tell({id, frame}, tab, view) {
	if (view?.record.report) {
		await browser.tabs.sendMessage(tab, {name: 'renew', id, view}, {frameId: frame}).catch(() => null);
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
