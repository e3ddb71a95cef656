/** What a person asks for beyond the first check of a picture. */

import {mayRead} from './access.js';
import {compare} from './best.js';
import {browser} from './browser.js';
import {readBytes, told} from './examine.js';
import {ImageError} from './images.js';
import {ServerError} from './server.js';
import {takeShot} from './shot.js';
import {fill} from './words.js';

/** @typedef {import('./chosen.js').Picture} Picture */

export class Further {
	/**
	 * @param {{
	 *   connection: import('./connection.js').Connection,
	 *   chosen: import('./chosen.js').Chosen,
	 *   pages: import('./pages.js').Pages,
	 *   taste: () => Promise<Pick<import('./settings.js').Settings, 'threshold' | 'density' | 'cookies'>>,
	 *   texts: import('./words.js').Texts,
	 * }} parts
	 */
	constructor({connection, chosen, pages, taste, texts}) {
		this.connection = connection;
		this.chosen = chosen;
		this.pages = pages;
		this.taste = taste;
		this.texts = texts;
	}

	/**
	 * Check the pixels that the screen shows of a picture; `{view}`, or `{said}`: why not, in words.
	 * @param {Picture} picture
	 * @param {number} tab
	 */
	async screen(picture, tab) {
		return this.#try(async () => {
			const {bytes, part} = await takeShot(picture, tab, await this.pages.frames(tab));
			const report = await this.connection.examine(bytes, 'screen');
			const record = {report, source: {url: picture.url, type: 'image/png', bytes: bytes.byteLength, how: /** @type {const} */ ('screen'), part}, at: Date.now()};
			await this.chosen.keepShot(tab, report.sha256, bytes);
			await this.chosen.set(tab, {...picture, record});
			return told(record, {...await this.taste(), texts: this.texts});
		});
	}

	/**
	 * Check the best copy of a picture, a file of its own; `{best}` with what was found of it, or `{said}`: why not, in words.
	 * @param {Picture} picture
	 * @param {number} tab
	 */
	async better(picture, tab) {
		const {best, id, frame} = picture;
		return this.#try(async () => {
			if (!best) {
				throw new ImageError('act_gone');
			}
			const {cookies, ...taste} = await this.taste();
			const readInPage = best.own ? () => browser.tabs.sendMessage(tab, {name: 'read', id, best: true}, {frameId: frame}).catch(() => null) : null;
			// That the page has got the one file says nothing of what lies at another host: no cookies there.
			const same = URL.canParse(picture.url) && new URL(picture.url).origin === new URL(best.url).origin;
			const {bytes, ...got} = await readBytes({...picture, url: best.url, readInPage}, {allowed: mayRead, cookies: cookies && same});
			const report = await this.connection.examine(bytes, 'full');
			const record = {report, source: {...got, bytes: bytes.byteLength}, at: Date.now()};
			const known = {...best, record};
			await this.chosen.set(tab, {...picture, best: known});
			return {best: {...known, said: compare(picture.record, known, this.texts), view: told(record, {...taste, texts: this.texts}).view}};
		});
	}

	/** @template T @param {() => Promise<T>} act @returns {Promise<T | {said: string}>} */
	async #try(act) {
		try {
			return await act();
		} catch (error) {
			if (!(error instanceof ImageError || error instanceof ServerError)) {
				throw error;
			}
			const {texts} = this;
			const key = [error.code, `server_${error.code}`, `error_${error.code}`].find(key => texts(key));
			return {said: key ? fill(texts, key, 'params' in error ? error.params : {}) : texts('panel_failed')};
		}
	}
}
