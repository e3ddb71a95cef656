/** Brings the content scripts into pages: by registration where that was chosen, by hand for one page. */

import {browser} from './browser.js';
import {rightFor} from './access.js';

/** In this order: each shares `touchstone` with those before it. */
export const FILES = [
	'content/port.js',
	'content/sources.js',
	'content/rules.js',
	'content/walk.js',
	'content/finder.js',
	'content/turns.js',
	'content/files.js',
	'content/pictures.js',
	'content/bytes.js',
	'content/colours.js',
	'content/style.js',
	'content/layer.js',
	'content/badges.js',
	'content/geometry.js',
	'content/wishes.js',
	'content/covers.js',
	'content/tracker.js',
	'content/captions.js',
	'content/better.js',
	'content/card.js',
	'content/findings.js',
	'content/sight.js',
	'content/screen.js',
	'content/actions.js',
	'content/keyboard.js',
	'content/input.js',
	'content/main.js',
];
const ID = 'touchstone';

/** @type {Promise<unknown>} one at a time: two would both find nothing registered, and both register */
let last = Promise.resolve();

/**
 * Have the browser bring them into the pages that were chosen, from now on and in those open now.
 * Without the right to a page it brings them nowhere.
 * @param {Pick<import('./settings.js').Settings, 'where' | 'sites'>} settings
 */
export function arrange(settings) {
	last = last.catch(() => {}).then(() => register(settings));
	return last;
}

/** @param {Pick<import('./settings.js').Settings, 'where' | 'sites'>} settings */
async function register(settings) {
	const {origins} = rightFor(settings);
	const [known] = await browser.scripting.getRegisteredContentScripts({ids: [ID]});
	const script = {id: ID, matches: origins, js: FILES, runAt: /** @type {const} */ ('document_start'), allFrames: true, matchOriginAsFallback: true};
	if (origins.length === 0) {
		await (known && browser.scripting.unregisterContentScripts({ids: [ID]}));
		return;
	}
	await (known ? browser.scripting.updateContentScripts([script]) : browser.scripting.registerContentScripts([script]));
	const open = await browser.tabs.query({url: origins, discarded: false});
	await Promise.all(open.map(({id}) => id !== undefined && bring(id)));
}

/**
 * Bring them into the frames of a tab that have none yet. False if the browser does not let us in.
 * @param {number} tabId
 */
export async function bring(tabId) {
	try {
		const frames = await browser.scripting.executeScript({target: {tabId, allFrames: true}, func: isThere, injectImmediately: true});
		const frameIds = frames.filter(({result}) => result === false).map(({frameId}) => frameId);
		if (frameIds.length > 0) {
			await browser.scripting.executeScript({target: {tabId, frameIds}, files: FILES, injectImmediately: true});
		}
		return frames.length > 0;
	} catch {
		return false;
	}
}

/** Whether a tab's page has them. False too if we may not look. @param {number} tabId */
export async function present(tabId) {
	const [frame] = await browser.scripting.executeScript({target: {tabId}, func: isThere, injectImmediately: true}).catch(() => []);
	return frame?.result === true;
}

/** Runs in the page, in our world. An element with that id would be `in` the window. */
function isThere() {
	return Object.hasOwn(globalThis, 'touchstone');
}
