/** The background: joins the parts. Every listener is set at the top level, at once. */

import {serverRight} from './lib/access.js';
import {Asked} from './lib/asked.js';
import {browser} from './lib/browser.js';
import {Chosen, openPanel} from './lib/chosen.js';
import {Connection} from './lib/connection.js';
import {Declined, wished} from './lib/declined.js';
import {Examiner} from './lib/examiner.js';
import {gather, reveal} from './lib/findings.js';
import {Further} from './lib/further.js';
import {offer} from './lib/menu.js';
import {listen} from './lib/messages.js';
import {Pages, isPage} from './lib/pages.js';
import {arrange, bring} from './lib/scripts.js';
import {clientName, hostOf, placeOf, tabOf, whereabouts} from './lib/sender.js';
import * as settings from './lib/settings.js';
import {Tabs} from './lib/tabs.js';
import {nextBadge} from './lib/walk.js';

/** @typedef {chrome.runtime.MessageSender} Sender */

const texts = (/** @type {string} */ key) => browser.i18n.getMessage(key);
const pages = new Pages(browser.storage.session);
const chosen = new Chosen(browser.storage.session);
const asked = new Asked(browser.storage.session);
const declined = new Declined(browser.storage.session);
const connection = new Connection({
	read: settings.read, write: settings.write, changed: () => void tabs.tell(),
	allowed: address => browser.permissions.contains(serverRight(address)),
});
const tabs = new Tabs({pages, asked, declined, state: () => connection.state(), texts});
const parts = {connection, chosen, pages, texts, taste: () => settings.read()};
const [examiner, further] = [new Examiner(parts), new Further(parts)];

listen({
	/** A frame begins, or wants to know whether it may go on. */
	site: {from: 'page', shape: {fresh: 'boolean', heard: 'boolean'}, run: site},
	examine: {from: 'page', shape: {id: 'number', url: 'string', own: 'boolean', loaded: 'boolean', named: 'boolean', rank: 'number'}, run: ({rank, ...image}, sender) =>
		examiner.examine({...image, ...whereabouts(sender)}, tabOf(sender), rank)},
	cancel: {from: 'page', shape: {id: 'number', url: 'string', own: 'boolean'}, run: async (image, sender) => {
		examiner.cancel({...image, ...whereabouts(sender)}, tabOf(sender));
	}},
	counts: {from: 'page', shape: {counts: 'object'}, run: async ({counts}, sender) => {
		await pages.note(tabOf(sender), sender.frameId ?? 0, counts);
		await tabs.paint(tabOf(sender));
	}},
	/** The page wishes no badges. */
	declined: {from: 'page', run: async (_, sender) => {
		await declined.set(tabOf(sender), 'respected');
		// Its frames are of the same page.
		browser.tabs.sendMessage(tabOf(sender), {name: 'again'}).catch(() => {});
		await tabs.paint(tabOf(sender));
	}},
	/** A card was opened, or its "Details": first the panel, for the browser opens it only within the gesture. */
	choose: {from: 'page', shape: {id: 'number', url: 'string', own: 'boolean', page: 'string', sayings: 'object', record: 'object', open: 'boolean'}, run: ({open, name: _, ...image}, sender) => {
		if (open) {
			void openPanel(/** @type {chrome.tabs.Tab} */ (sender.tab));
		}
		return chosen.set(tabOf(sender), {...image, ...whereabouts(sender)});
	}},
	/** A person asks for the pixels of an image from the screen. */
	screen: {from: 'page', shape: {id: 'number', url: 'string', own: 'boolean', page: 'string', sayings: 'object'}, run: ({name: _, ...image}, sender) =>
		further.screen({...image, ...whereabouts(sender)}, tabOf(sender))},
	/** A person asks for the better copy that the page names of an image. */
	better: {from: 'page', shape: {id: 'number', url: 'string', own: 'boolean', page: 'string', sayings: 'object', best: 'object', record: 'object'}, run: ({name: _, ...image}, sender) =>
		further.better({...image, ...whereabouts(sender)}, tabOf(sender))},
	/** The same from the panel: the page knows where the image is. */
	act: {from: 'popup', shape: {tab: 'number', what: 'string'}, run: async ({tab, what}) => {
		const picture = await chosen.get(tab);
		return picture && browser.tabs.sendMessage(tab, {name: 'act', id: picture.id, what}, {frameId: picture.frame}).catch(() => null);
	}},
	/** A frame has left its badge, and nothing in it had the focus before. */
	back: {from: 'page', run: async (_, sender) => void step(tabOf(sender), 0, 'back')},
	status: {from: 'popup', shape: {tab: 'number'}, run: ({tab}) => tabs.status(tab)},
	pair: {from: 'popup', shape: {code: 'string'}, run: ({code}) => connection.pair(code, clientName())},
	pause: {from: 'popup', shape: {site: 'string', on: 'boolean'}, run: async ({site, on}) => {
		await settings.pause(site, on);
		await tabs.tell();
	}},
	set: {from: 'popup', shape: {setting: 'string'}, run: async ({setting, value}) => {
		await settings.put(setting, value);
		await follow('anew');
	}},
	choose_site: {from: 'popup', shape: {site: 'string', on: 'boolean'}, run: async ({site, on}) => {
		await settings.choose(site, on);
		await follow();
	}},
	/** A person asks for the page of a tab; false if the browser does not let us in. */
	look: {from: 'popup', shape: {tab: 'number'}, run: async ({tab}) => {
		const overruled = await declined.get(tab) === 'respected';
		await (overruled ? declined.set(tab, 'overruled') : asked.add(tab));
		const there = await bring(tab);
		browser.tabs.sendMessage(tab, {name: 'again'}).catch(() => {});
		return there;
	}},
	/** Try the way to the server anew. */
	test: {from: 'popup', run: async () => {
		connection.doubt();
		return {state: await connection.state(), address: (await settings.read()).address};
	}},
	list: {from: 'popup', shape: {tab: 'number', whole: 'boolean'}, run: async ({tab, whole}) => gather(tab, await pages.frames(tab), whole)},
	reveal: {from: 'popup', shape: {tab: 'number', frame: 'number', id: 'number'}, run: ({tab, frame, id}) => reveal(tab, frame, id)},
	/** The bytes of the picture in the panel: nothing else may load an image there. */
	bytes: {from: 'popup', shape: {tab: 'number'}, run: ({tab}) => examiner.bytes(tab)},
	/** Where that picture looks like AI. */
	regions: {from: 'popup', shape: {tab: 'number'}, run: ({tab}) => examiner.regions(tab)},
	recheck: {from: 'popup', shape: {tab: 'number'}, run: ({tab}) => examiner.recheck(tab)},
	deepen: {from: 'popup', shape: {tab: 'number'}, run: ({tab}) => examiner.deepen(tab)},
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
	if (name === 'next_badge' && id !== undefined && await nextBadge(await pages.frames(id), (frame, go) => step(id, frame, go))) {
		// Once at the beginning, for who does not see the toolbar.
		await browser.tabs.sendMessage(id, {name: 'tell', text: await browser.action.getTitle({tabId: id})}, {frameId: 0}).catch(() => null);
	}
});
// The click is a consent to this page: only with our scripts can the page's own rights read the picture.
offer(texts, bring, (picture, tab) => examiner.check({...picture, ...placeOf({tab}, picture.page)}, /** @type {number} */ (tab.id)));
browser.tabs.onRemoved.addListener(tab => {
	void leave(tab);
	void asked.forget(tab);
});
browser.tabs.onUpdated.addListener((tab, {status}, {url}) => {
	// A page of the browser's own has no script of ours that would say so.
	if (status === 'loading' && !isPage(url ?? '')) {
		void leave(tab);
	}
	// A page that comes back as it was left may have missed the end of a pause.
	if (status === 'complete') {
		browser.tabs.sendMessage(tab, {name: 'again'}).catch(() => {});
	}
});
browser.permissions.onAdded.addListener(() => void renew('anew'));
browser.permissions.onRemoved.addListener(() => void renew('again'));
browser.storage.onChanged.addListener((_, area) => area === 'managed' && void follow('anew'));
browser.runtime.onStartup.addListener(() => void follow());
browser.runtime.onInstalled.addListener(async () => {
	await follow();
	// Nothing is decided yet: the person decides, on a page that says what there is to decide.
	if (!('where' in await browser.storage.local.get('where'))) {
		await browser.tabs.create({url: browser.runtime.getURL('welcome.html')});
	}
});

/** The browser's consent has changed. @param {'again' | 'anew'} name */
async function renew(name) {
	connection.doubt();
	await connection.state();
	await follow(name);
}

/** Have scripts, pages and toolbar follow the settings. @param {'again' | 'anew'} [name] */
async function follow(name) {
	await arrange(await settings.read());
	await tabs.tell(name);
}

/** @param {{fresh: boolean, heard: boolean}} body heard: it knows what the document at the top wishes @param {Sender} sender */
async function site({fresh, heard}, sender) {
	const tab = tabOf(sender);
	if (fresh && sender.frameId === 0) {
		await leave(tab);
		// No image yet, but a page that we can look at: the popup tells the two apart.
		await pages.note(tab, 0, {});
	}
	const state = await connection.state();
	// Without a right to the page the browser tells its address only to the page's own script.
	const url = sender.tab?.url ?? (sender.frameId === 0 ? sender.url : '');
	const reason = await tabs.reason({...sender.tab, id: tab, url}, url ? hostOf(sender, url) : '');
	await tabs.paint(tab);
	const anyway = await declined.get(tab) === 'overruled';
	const paused = reason !== null || !heard && !anyway && await wished(() => browser.tabs.sendMessage(tab, {name: 'wish'}, {frameId: 0}));
	return {state, paused, anyway};
}

/** @param {number} tab */
async function leave(tab) {
	await Promise.all([pages.clear(tab), chosen.forget(tab), declined.forget(tab)]);
}

/** Let a frame move the focus among its badges. @param {number} tab @param {number} frameId @param {string} go */
function step(tab, frameId, go) {
	return browser.tabs.sendMessage(tab, {name: 'badge', go}, {frameId}).catch(() => null);
}
