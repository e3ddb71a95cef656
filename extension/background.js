/** The background: joins the parts. Every listener is set at the top level, at once. */

import {browser} from './lib/browser.js';
import {Connection} from './lib/connection.js';
import {examine} from './lib/examine.js';
import {listen} from './lib/messages.js';
import {Pages, toolbar} from './lib/pages.js';
import {Cancelled, Queue} from './lib/queue.js';
import * as settings from './lib/settings.js';
import {nextBadge} from './lib/walk.js';

/** @typedef {chrome.runtime.MessageSender} Sender */

const texts = (/** @type {string} */ key) => browser.i18n.getMessage(key);
const queue = new Queue();
const pages = new Pages(browser.storage.session);
const connection = new Connection({read: settings.read, write: settings.write, changed: () => void tellPages()});

listen({
	/** A frame begins, or wants to know whether it may go on. */
	site: {from: 'page', shape: {fresh: 'boolean'}, run: site},
	examine: {from: 'page', shape: {id: 'number', url: 'string', own: 'boolean', rank: 'number'}, run: wanted},
	cancel: {from: 'page', shape: {id: 'number', url: 'string', own: 'boolean'}, run: async (image, sender) => {
		queue.cancel(key(image, sender));
	}},
	counts: {from: 'page', shape: {counts: 'object'}, run: async ({counts}, sender) => {
		await pages.note(tabOf(sender), sender.frameId ?? 0, counts);
		await paint(tabOf(sender));
	}},
	/** A frame has left its badge, and nothing in it had the focus before. */
	back: {from: 'page', run: async (_, sender) => void step(tabOf(sender), 0, 'back')},
	status: {from: 'popup', shape: {tab: 'number'}, run: status},
	pair: {from: 'popup', shape: {code: 'string'}, run: ({code}) => connection.pair(code, clientName())},
	pause: {from: 'popup', shape: {site: 'string', on: 'boolean'}, run: async ({site, on}) => {
		await settings.pause(site, on);
		await tellPages();
	}},
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
browser.tabs.onRemoved.addListener(tab => void pages.clear(tab));
browser.runtime.onInstalled.addListener(() => void connection.state());
browser.runtime.onStartup.addListener(() => void connection.state());

/** @param {{fresh: boolean}} body @param {Sender} sender */
async function site({fresh}, sender) {
	const tab = tabOf(sender);
	if (fresh && sender.frameId === 0) {
		await pages.clear(tab);
		// No image yet, but a page that we can look at: the popup tells the two apart.
		await pages.note(tab, 0, {});
	}
	const state = await connection.state();
	const paused = await isPaused(hostOf(sender, sender.tab?.url));
	await paint(tab);
	return {state, paused};
}

/** @param {{id: number, url: string, own: boolean, rank: number}} image @param {Sender} sender */
async function wanted(image, sender) {
	const state = await connection.state();
	if (state !== 'ready') {
		return {wait: state};
	}
	const read = {name: 'read', id: image.id};
	const readInPage = image.own
		? () => browser.tabs.sendMessage(tabOf(sender), read, {frameId: sender.frameId}).catch(() => null)
		: null;
	const job = () => examine({url: image.url, readInPage, pageHost: hostOf(sender, sender.url)}, {connection, texts});
	return queue.add(key(image, sender), image.rank, job, tabOf(sender)).catch((/** @type {any} */ error) => {
		if (error instanceof Cancelled) {
			return {cancelled: true};
		}
		if (error?.view || error?.wait) {
			return error;
		}
		throw error;
	});
}

/** The same address is the same job for all pages, unless only the page can read it. */
function key(/** @type {{id: number, url: string, own: boolean}} */ image, /** @type {Sender} */ sender) {
	return image.own ? `${sender.tab?.id}/${sender.frameId}/${image.id}` : image.url;
}

/** Let a frame move the focus among its badges. @param {number} tab @param {number} frameId @param {string} go */
function step(tab, frameId, go) {
	return browser.tabs.sendMessage(tab, {name: 'badge', go}, {frameId}).catch(() => null);
}

/** What the popup shows. @param {{tab: number}} body */
async function status({tab}) {
	const [state, counts, {address, paused}, current] = await Promise.all([
		connection.state(), pages.counts(tab), settings.read(), browser.tabs.get(tab).catch(() => null),
	]);
	const url = current?.url ?? '';
	const site = /^https?:/.test(url) ? new URL(url).hostname : '';
	// What a page that the tab has left had counted says nothing about the browser's own page in it now.
	const ours = /^(https?|file):/.test(url);
	return {state, counts: ours ? counts : null, address, site, paused: paused[site] === true};
}

/** Let every frame of every page ask again, after a pause or a change of the server's state. */
async function tellPages() {
	for (const {id} of await browser.tabs.query({})) {
		if (id !== undefined) {
			// Pages without our content script have no ear.
			browser.tabs.sendMessage(id, {name: 'again'}).catch(() => {});
		}
	}
	await Promise.all((await pages.tabs()).map(paint));
}

/** Show a tab's state in the toolbar. @param {number} tab */
async function paint(tab) {
	try {
		const {url} = await browser.tabs.get(tab);
		const paused = await isPaused(url ? new URL(url).hostname : '');
		const shown = toolbar({state: await connection.state(), paused, counts: await pages.counts(tab)}, texts);
		await Promise.all([
			browser.action.setIcon({tabId: tab, path: shown.icon}),
			browser.action.setBadgeText({tabId: tab, text: shown.text}),
			browser.action.setBadgeBackgroundColor({tabId: tab, color: shown.text === '!' ? '#5b6470' : '#5b21b6'}),
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

/**
 * The host of an address; of the other address that we know where it has none (about:srcdoc).
 * @param {Sender} sender
 * @param {string | undefined} first
 */
function hostOf(sender, first) {
	const addresses = [first, sender.origin, sender.tab?.url, sender.url].filter(url => url && URL.canParse(url));
	return addresses.map(url => new URL(/** @type {string} */ (url)).hostname).find(Boolean) ?? '';
}

/** @param {Sender} sender */
function tabOf(sender) {
	return /** @type {number} */ (sender.tab?.id);
}

/** What the server's list of paired extensions calls this browser. */
function clientName() {
	const agent = navigator.userAgent;
	return agent.match(/(Firefox|Edg|Chrome)\/\d+/)?.[0].replace('Edg/', 'Edge/').replace('/', ' ') ?? 'Browser';
}
