/** The popup: the server's state and the next step, whether this page is looked at, its counts and list, threshold, pauses. */

import {showConnection, startConnection} from './connect.js';
import {showList, startList} from './list.js';
import {EVERYWHERE, sitesRight} from './lib/access.js';
import {browser} from './lib/browser.js';
import {wear} from './lib/colours.js';
import {make, mark, translate, write} from './lib/elements.js';
import {ask} from './lib/messages.js';
import {fill} from './lib/words.js';

const REFRESH_MS = 1000;
const LABELS = ['ai_generated', 'ai_edited', 'possibly_ai', 'suspected_ai', 'invalid_credential', 'captured', 'unlabeled', 'not_checked'];

const texts = (/** @type {string} */ key) => browser.i18n.getMessage(key);
const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/**
 * @typedef {import('./lib/settings.js').Settings & {
 *   state: import('./lib/server.js').State, counts: Record<string, number> | null, site: string, fixed: string[], all: boolean,
 *   reason: import('./lib/standing.js').Reason | null,
 * }} Status
 */

/** The host that "Allow" asks for; '' for all. */
let host = '';
/** Whether the browser lets us read all: Chromium would ask the person once more. */
let all = false;

/** The tab the popup was opened on; a page that shows the popup in a tab names it in its address. */
async function currentTab() {
	const named = Number(new URLSearchParams(location.search).get('tab'));
	const [active] = await browser.tabs.query({active: true, currentWindow: true});
	return named || active?.id || -1;
}

/** @param {number} tab */
async function refresh(tab) {
	const status = await ask('status', {tab});
	const asked = !$('pairing').hidden;
	showConnection(status);
	if (!asked && !$('pairing').hidden) {
		// There is nothing else to do here before that.
		$('code').focus();
	}
	$('step').hidden = status.state === 'ready' && status.reason !== null;
	showPage(status);
	showStanding(status);
	await showList(tab, status);
}

/** Whether the page is looked at, and what a person can do where it is not. @param {Status} status */
function showStanding({reason, site, where, fixed, all: everything}) {
	all = everything;
	host = where === 'everywhere' ? '' : site;
	const told = reason !== null && !['off', 'site'].includes(reason);
	$('standing').hidden = !told;
	write($('reason'), told ? fill(texts, `reason_${reason}`, {site}) : '');
	$('look').hidden = !['click', 'chosen', 'declined'].includes(String(reason));
	write($('look'), texts(reason === 'declined' ? 'look_anyway' : 'look'));
	$('always').hidden = reason !== 'chosen' || fixed.includes('sites');
	write($('always'), fill(texts, 'always', {site}));
	$('allow-page').hidden = reason !== 'permission';
}

/** @param {Status} status */
function showPage({counts, site, paused, off, state, threshold, reason, fixed}) {
	const rows = [...LABELS.map(label => [texts(`label_${label}`), counts?.[label]]), [texts('popup_waiting'), state === 'ready' && counts?.waiting]]
		.filter(([, count]) => count);
	const key = JSON.stringify(rows);
	// Written only when it changed, so that a screen reader does not say it every second.
	if ($('counts').dataset.key !== key) {
		$('counts').dataset.key = key;
		$('counts').replaceChildren(...rows.flatMap(([name, count]) => [make('dt', '', String(name)), make('dd', '', String(count))]));
	}
	// While the server is away pictures wait: the state above says so, and "none seen" would be wrong.
	$('none').hidden = rows.length > 0 || Boolean(counts?.waiting) || reason !== null && !paused && !off;
	write($('none'), texts(off ? 'popup_off' : paused ? 'popup_paused' : counts ? 'popup_none' : 'popup_unsupported'));
	$('pause-row').hidden = !site;
	write($('pause-text'), fill(texts, 'popup_pause', {site}));
	mark('threshold', threshold, fixed);
	$('threshold-fixed').hidden = !fixed.includes('threshold');
	$('pause').checked = paused;
	$('pause').disabled = fixed.includes('paused');
	$('off').checked = off;
	$('pause').dataset.site = site;
}

/** @param {number} tab */
function listen(tab) {
	const again = () => refresh(tab);
	const on = (/** @type {string} */ id, /** @type {string} */ type, /** @type {(event: any) => Promise<any>} */ act) => {
		$(id).addEventListener(type, (/** @type {Event} */ event) => void act(event).then(again));
	};
	on('pause', 'change', () => ask('pause', {site: $('pause').dataset.site, on: $('pause').checked}));
	on('off', 'change', () => ask('set', {setting: 'off', value: $('off').checked}));
	on('threshold', 'change', ({target}) => ask('set', {setting: 'threshold', value: target.value}));
	on('look', 'click', async () => {
		const there = await ask('look', {tab});
		write($('look-answer'), there ? '' : texts('popup_unsupported'));
	});
	// In these the browser is asked first, and not after an await: only at once after the click it asks the person.
	on('always', 'click', () => {
		const site = host;
		const consent = all ? Promise.resolve(true) : browser.permissions.request(sitesRight([site]));
		// Before the answer: the browser's question may close the popup.
		void ask('choose_site', {site, on: true});
		return consent.then(given => given || ask('choose_site', {site, on: false}));
	});
	on('allow-page', 'click', () => browser.permissions.request(host ? sitesRight([host]) : EVERYWHERE));
	$('options').addEventListener('click', () => void browser.runtime.openOptionsPage().then(close));
	$('welcome').addEventListener('click', () => void browser.tabs.create({url: browser.runtime.getURL('welcome.html')}).then(close));
	startConnection(again);
	startList(tab);
	setInterval(again, REFRESH_MS);
	return again();
}

wear();
translate(texts);
$('version').textContent = fill(texts, 'popup_version', {version: browser.runtime.getManifest().version});
void currentTab().then(listen);
