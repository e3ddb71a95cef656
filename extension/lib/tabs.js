/** What holds for each tab, told to its scripts, in its toolbar and to the popup. */

import {EVERYWHERE, mayRead, rightFor} from './access.js';
import {browser} from './browser.js';
import {isPage, toolbar} from './pages.js';
import {present} from './scripts.js';
import * as settings from './settings.js';
import {reasonNotTo} from './standing.js';

export class Tabs {
	/**
	 * @param {{
	 *   pages: import('./pages.js').Pages,
	 *   asked: import('./asked.js').Asked,
	 *   declined: import('./declined.js').Declined,
	 *   state: () => Promise<import('./server.js').State>,
	 *   texts: import('./words.js').Texts,
	 * }} parts
	 */
	constructor({pages, asked, declined, state, texts}) {
		this.pages = pages;
		this.asked = asked;
		this.declined = declined;
		this.state = state;
		this.texts = texts;
	}

	/**
	 * Why the pictures of a tab are not looked at; null if they are.
	 * @param {{id?: number, url?: string, incognito?: boolean} | null} tab
	 * @param {string} host
	 */
	async reason(tab, host) {
		const {id = -1, url = '', incognito = false} = tab ?? {};
		const [values, asked, declined, allowed] = await Promise.all([settings.read(), this.asked.has(id), this.declined.get(id), mayRead(url)]);
		return reasonNotTo(values, {host, incognito, asked, declined: declined === 'respected', allowed});
	}

	/** What the popup shows of a tab, and the other pages of none. @param {number} tab -1 for none */
	async status(tab) {
		const opened = tab < 0 ? null : browser.tabs.get(tab).catch(() => null);
		const [state, all, counts, values, fixed, current] = await Promise.all([
			this.state(), browser.permissions.contains(EVERYWHERE), this.pages.counts(tab), settings.read(), settings.fixed(), opened,
		]);
		if (await this.asked.has(tab) && !await present(tab)) {
			// It was asked for a page that the tab has left since.
			await this.asked.forget(tab);
		}
		const url = current?.url ?? '';
		const site = /^https?:/.test(url) ? new URL(url).hostname : '';
		const {credentials: _, paused, ...others} = values;
		return {
			...others, state, all, counts: isPage(url) ? counts : null, site, paused: paused[site] === true, fixed: Object.keys(fixed),
			reason: site && await this.reason(current, site) || null,
		};
	}

	/** Let every frame of every page ask again, after a pause or a change of the server's state; `anew` for all. */
	async tell(name = 'again') {
		for (const {id} of await browser.tabs.query({})) {
			if (id !== undefined) {
				// Pages without our content script have no ear.
				browser.tabs.sendMessage(id, {name}).catch(() => {});
			}
		}
		await Promise.all([this.#paintOthers(), ...(await this.pages.tabs()).map(tab => this.paint(tab))]);
	}

	/** Show a tab's state in the toolbar. @param {number} tab */
	async paint(tab) {
		try {
			const current = await browser.tabs.get(tab);
			const url = current.url ?? '';
			const reason = await this.reason(current, url && new URL(url).hostname);
			const counts = isPage(url) ? await this.pages.counts(tab) : null;
			await show(toolbar({state: await this.state(), reason, counts}, this.texts), tab);
		} catch {
			// The tab was closed meanwhile.
		}
	}

	/** Show in the toolbar what holds for tabs that have none of our scripts. */
	async #paintOthers() {
		const values = await settings.read();
		const {off, where} = values;
		const allowed = await browser.permissions.contains(rightFor(values));
		const reason = off ? 'off' : !allowed ? 'permission' : where === 'everywhere' ? null : where;
		await show(toolbar({state: await this.state(), reason, counts: null}, this.texts));
	}
}

/** @param {ReturnType<typeof toolbar>} shown @param {number} [tabId] */
async function show({icon, text, title, colour}, tabId) {
	// Firefox takes no tab that is undefined.
	const where = tabId === undefined ? {} : {tabId};
	await Promise.all([
		browser.action.setIcon({...where, path: icon}),
		browser.action.setBadgeText({...where, text}),
		browser.action.setBadgeBackgroundColor({...where, color: colour}),
		browser.action.setTitle({...where, title}),
	]);
}
