/** "Check this picture" in the context menu of every image. */

import {browser} from './browser.js';
import {openPanel} from './chosen.js';

const ID = 'check';
// Enough to know a data: URL by; it may have megabytes.
const DATA_URL = 1000;

/** @typedef {import('./chosen.js').Picture} Picture */

/**
 * Offer the entry, and answer it. To be called at the top level at each start of the worker: the
 * browser forgets entries when the extension was switched off and on.
 * @param {(key: string) => string} texts
 * @param {(tab: number) => Promise<boolean>} bring brings our scripts into a page that has none
 * @param {(picture: Omit<Picture, 'pageHost'> & {page: string}, tab: chrome.tabs.Tab) => Promise<void>} check
 */
export function offer(texts, bring, check) {
	// Firefox for Android has no context menus.
	browser.contextMenus?.removeAll(() => {
		browser.contextMenus.create({id: ID, title: texts('menu_check'), contexts: ['image']});
	});
	browser.contextMenus?.onClicked.addListener((info, tab) => {
		if (info.menuItemId === ID && tab?.id !== undefined && info.srcUrl) {
			// First, and not after an await: a browser opens the panel only within the gesture.
			void openPanel(tab);
			const {id} = tab;
			void bring(id).then(() => pick(info, id)).then(picture => check(picture, tab));
		}
	});
}

/**
 * What the menu was opened on. The page knows more of it than its address; a page without our
 * script (it was open before we came) knows nothing.
 * @param {chrome.contextMenus.OnClickData} info
 * @param {number} tab
 */
async function pick({srcUrl = '', frameId = 0, frameUrl, pageUrl}, tab) {
	const url = srcUrl.startsWith('data:') ? srcUrl.slice(0, DATA_URL) : srcUrl;
	const picked = await browser.tabs.sendMessage(tab, {name: 'pick', url}, {frameId}).catch(() => null);
	return {id: 0, url, own: false, page: frameUrl ?? pageUrl ?? '', ...picked, frame: frameId};
}
