/** The picture that each tab's side panel shows, and how the panel is opened. */

import {browser} from './browser.js';

/**
 * @typedef {object} Picture
 * @property {number} id the frame's number of it
 * @property {string} url the image's address; the beginning of it for data:
 * @property {boolean} own whether the page can read it
 * @property {number} frame
 * @property {string} pageHost
 * @property {string} [pageOrigin]
 * @property {boolean} [incognito]
 * @property {import('./best.js').Best | null} [best] the better copy that the page names
 * @property {boolean} [loaded] whether the page itself has got the file
 * @property {boolean} [named] whether the page lets its site be named to the host
 * @property {string} [page] the address of the frame
 * @property {import('./disclosure.js').Saying[]} [sayings] what the page says of it
 * @property {import('./record.js').Record | null} [record]
 * @property {boolean} [busy] is being checked now
 * @property {string} [problem] why there is no record: a state of the server, or an error's code
 */

const PREFIX = 'chosen/';
const SHOT = 'shot/';

/** A key for each tab: two tabs can never overwrite each other. */
export class Chosen {
	/** @param {any} session survives the worker, not the browser */
	constructor(session) {
		this.session = session;
	}

	/** @param {number} tab @param {Picture} picture */
	async set(tab, picture) {
		await this.session.set({[PREFIX + tab]: picture});
	}

	/** @param {number} tab @returns {Promise<Picture | null>} */
	async get(tab) {
		return (await this.session.get(PREFIX + tab))[PREFIX + tab] ?? null;
	}

	/** @param {number} tab */
	async forget(tab) {
		await this.session.remove([PREFIX + tab, SHOT + tab]);
	}

	/** Keep the last pixels that were taken from a tab's screen: nothing can fetch them again. @param {number} tab @param {string} sha256 @param {ArrayBuffer} bytes */
	async keepShot(tab, sha256, bytes) {
		// One too large for the browser is not kept: the panel then says that it cannot show it.
		await this.session.set({[SHOT + tab]: {sha256, base64: new Uint8Array(bytes).toBase64()}}).catch(() => this.session.remove(SHOT + tab));
	}

	/** @param {number} tab @param {string} sha256 @returns {Promise<{bytes: ArrayBuffer, type: string} | null>} */
	async shot(tab, sha256) {
		const kept = (await this.session.get(SHOT + tab))[SHOT + tab];
		return kept?.sha256 === sha256 ? {bytes: Uint8Array.fromBase64(kept.base64).buffer, type: 'image/png'} : null;
	}

	/** Tell of every change. @param {(tab: number) => void} changed */
	watch(changed) {
		browser.storage.onChanged.addListener((changes, area) => {
			const keys = area === 'session' ? Object.keys(changes).filter(key => key.startsWith(PREFIX)) : [];
			keys.forEach(key => changed(Number(key.slice(PREFIX.length))));
		});
	}
}

/**
 * Open the panel beside a tab. To be called within a person's gesture, before anything is awaited.
 * Firefox does not take a click in a page for one: then a tab has the panel, if no sidebar shows it.
 * @param {chrome.tabs.Tab} tab
 */
export async function openPanel(tab) {
	const {windowId} = tab;
	const {sidePanel, sidebarAction} = /** @type {any} */ (browser);
	try {
		await (sidePanel ? sidePanel.open({windowId}) : sidebarAction.open());
	} catch {
		if (!await sidebarAction?.isOpen({windowId})) {
			await openTab(tab);
		}
	}
}

/** @param {chrome.tabs.Tab} tab */
async function openTab({id, index, windowId}) {
	const url = browser.runtime.getURL(`panel.html?tab=${id}`);
	const open = (await browser.tabs.query({windowId})).find(other => other.url === url);
	await (open?.id === undefined ? browser.tabs.create({url, index: index + 1, windowId}) : browser.tabs.update(open.id, {active: true}));
}
