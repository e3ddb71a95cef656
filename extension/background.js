/** The background: joins the parts. Every listener is set at the top level, at once. */

import {browser} from './lib/browser.js';
import {Chosen, openPanel} from './lib/chosen.js';
import {Connection} from './lib/connection.js';
import {Examiner} from './lib/examiner.js';
import {gather, reveal} from './lib/findings.js';
import {offer} from './lib/menu.js';
import {listen} from './lib/messages.js';
import {Pages, isPage, toolbar} from './lib/pages.js';
import {hostOf, tabOf, whereabouts} from './lib/sender.js';
import * as settings from './lib/settings.js';
import {nextBadge} from './lib/walk.js';

/** @typedef {chrome.runtime.MessageSender} Sender */

const texts = (/** @type {string} */ key) => browser.i18n.getMessage(key);
const pages = new Pages(browser.storage.session);
const chosen = new Chosen(browser.storage.session);
const connection = new Connection({read: settings.read, write: settings.write, changed: () => void tellPages()});
const examiner = new Examiner({connection, chosen, texts, threshold: async () => (await settings.read()).threshold});

listen({
	/** A frame begins, or wants to know whether it may go on. */
	site: {from: 'page', shape: {fresh: 'boolean'}, run: site},
	examine: {from: 'page', shape: {id: 'number', url: 'string', own: 'boolean', rank: 'number'}, run: ({rank, ...image}, sender) =>
		examiner.examine({...image, ...whereabouts(sender)}, tabOf(sender), rank)},
	cancel: {from: 'page', shape: {id: 'number', url: 'string', own: 'boolean'}, run: async (image, sender) => {
		examiner.cancel({...image, ...whereabouts(sender)}, tabOf(sender));
	}},
	counts: {from: 'page', shape: {counts: 'object'}, run: async ({counts}, sender) => {
		await pages.note(tabOf(sender), sender.frameId ?? 0, counts);
		await paint(tabOf(sender));
	}},
	/** A card was opened, or its "Details": first the panel, for the browser opens it only within the gesture. */
	choose: {from: 'page', shape: {id: 'number', url: 'string', own: 'boolean', page: 'string', sayings: 'object', record: 'object', open: 'boolean'}, run: ({open, name: _, ...image}, sender) => {
		if (open) {
			void openPanel(/** @type {chrome.tabs.Tab} */ (sender.tab));
		}
		return chosen.set(tabOf(sender), {...image, ...whereabouts(sender)});
	}},
	/** A frame has left its badge, and nothing in it had the focus before. */
	back: {from: 'page', run: async (_, sender) => void step(tabOf(sender), 0, 'back')},
	status: {from: 'popup', shape: {tab: 'number'}, run: status},
	pair: {from: 'popup', shape: {code: 'string'}, run: ({code}) => connection.pair(code, clientName())},
	pause: {from: 'popup', shape: {site: 'string', on: 'boolean'}, run: async ({site, on}) => {
		await settings.pause(site, on);
		await tellPages();
	}},
	threshold: {from: 'popup', shape: {threshold: 'string'}, run: async ({threshold}) => {
		await settings.write({threshold: threshold === 'labels' ? 'labels' : 'suspicion'});
		await tellPages('anew');
	}},
	list: {from: 'popup', shape: {tab: 'number', whole: 'boolean'}, run: async ({tab, whole}) => gather(tab, await pages.frames(tab), whole)},
	reveal: {from: 'popup', shape: {tab: 'number', frame: 'number', id: 'number'}, run: ({tab, frame, id}) => reveal(tab, frame, id)},
	/** The bytes of the picture in the panel: nothing else may load an image there. */
	bytes: {from: 'popup', shape: {tab: 'number'}, run: ({tab}) => examiner.bytes(tab)},
	recheck: {from: 'popup', shape: {tab: 'number'}, run: ({tab}) => examiner.recheck(tab)},
	address: {from: 'popup', shape: {address: 'string'}, run: async ({address}) => {
		const normal = settings.normalizeAddress(address);
		if (normal) {
			await settings.write({address: normal});
			connection.doubt();
			await connection.state();
		}
		return normal;
	}},
});

// Firefox for Android has no commands.
browser.commands?.onCommand.addListener(async (name, tab) => {
	const id = tab?.id;
	if (name === 'next_badge' && id !== undefined) {
		await nextBadge(await pages.frames(id), (frame, go) => step(id, frame, go));
	}
});
offer(texts, (picture, tab) => examiner.check({...picture, pageHost: hostOf({tab}, picture.page)}, /** @type {number} */ (tab.id)));
browser.tabs.onRemoved.addListener(tab => void leave(tab));
browser.tabs.onUpdated.addListener((tab, {status}, {url}) => {
	// A page of the browser's own has no script of ours that would say so.
	if (status === 'loading' && !isPage(url ?? '')) {
		void leave(tab);
	}
});
browser.runtime.onInstalled.addListener(() => void connection.state());
browser.runtime.onStartup.addListener(() => void connection.state());

/** @param {{fresh: boolean}} body @param {Sender} sender */
async function site({fresh}, sender) {
	const tab = tabOf(sender);
	if (fresh && sender.frameId === 0) {
		await leave(tab);
		// No image yet, but a page that we can look at: the popup tells the two apart.
		await pages.note(tab, 0, {});
	}
	const state = await connection.state();
	const paused = await isPaused(hostOf(sender, sender.tab?.url));
	await paint(tab);
	return {state, paused};
}

/** @param {number} tab */
async function leave(tab) {
	await Promise.all([pages.clear(tab), chosen.forget(tab)]);
}

/** Let a frame move the focus among its badges. @param {number} tab @param {number} frameId @param {string} go */
function step(tab, frameId, go) {
	return browser.tabs.sendMessage(tab, {name: 'badge', go}, {frameId}).catch(() => null);
}

/** What the popup shows. @param {{tab: number}} body */
async function status({tab}) {
	const [state, counts, {address, paused, threshold}, current] = await Promise.all([
		connection.state(), pages.counts(tab), settings.read(), browser.tabs.get(tab).catch(() => null),
	]);
	const url = current?.url ?? '';
	const site = /^https?:/.test(url) ? new URL(url).hostname : '';
	return {state, counts: isPage(url) ? counts : null, address, site, paused: paused[site] === true, threshold};
}

/** Let every frame of every page ask again, after a pause or a change of the server's state; `anew` for all. */
async function tellPages(name = 'again') {
	for (const {id} of await browser.tabs.query({})) {
		if (id !== undefined) {
			// Pages without our content script have no ear.
			browser.tabs.sendMessage(id, {name}).catch(() => {});
		}
	}
	await Promise.all((await pages.tabs()).map(paint));
}

/** Show a tab's state in the toolbar. @param {number} tab */
async function paint(tab) {
	try {
		const {url} = await browser.tabs.get(tab);
		const paused = await isPaused(url ? new URL(url).hostname : '');
		const counts = isPage(url ?? '') ? await pages.counts(tab) : null;
		const shown = toolbar({state: await connection.state(), paused, counts}, texts);
		await Promise.all([
			browser.action.setIcon({tabId: tab, path: shown.icon}),
			browser.action.setBadgeText({tabId: tab, text: shown.text}),
			browser.action.setBadgeBackgroundColor({tabId: tab, color: shown.colour}),
			browser.action.setTitle({tabId: tab, title: shown.title}),
		]);
	} catch {
		// The tab was closed meanwhile.
	}
}

/** @param {string} host */
async function isPaused(host) {
	return (await settings.read()).paused[host] === true;
}

/** What the server's list of paired extensions calls this browser. */
function clientName() {
	const agent = navigator.userAgent;
	return agent.match(/(Firefox|Edg|Chrome)\/\d+/)?.[0].replace('Edg/', 'Edge/').replace('/', ' ') ?? 'Browser';
}
