/** The popup: the server's state and the next step, this page's counts and list, threshold, pause, pairing, address. */

import {showList, startList} from './list.js';
import {browser} from './lib/browser.js';
import {make, translate} from './lib/elements.js';
import {ask} from './lib/messages.js';
import {fill} from './lib/words.js';

const REFRESH_MS = 1000;
const LABELS = ['ai_generated', 'ai_edited', 'possibly_ai', 'suspected_ai', 'invalid_credential', 'captured', 'unlabeled', 'not_checked'];
const EVERYWHERE = {origins: ['<all_urls>']};

const texts = (/** @type {string} */ key) => browser.i18n.getMessage(key);
const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/** @typedef {{state: string, counts: Record<string, number> | null, address: string, site: string, paused: boolean, threshold: import('./lib/settings.js').Threshold}} Status */

/** The tab the popup was opened on; a page that shows the popup in a tab names it in its address. */
async function currentTab() {
	const named = Number(new URLSearchParams(location.search).get('tab'));
	const [active] = await browser.tabs.query({active: true, currentWindow: true});
	return named || active?.id || -1;
}

/** @param {number} tab */
async function refresh(tab) {
	const status = await ask('status', {tab});
	showServer(status);
	showPage(status);
	await showList(tab, status);
	const allowed = await browser.permissions.contains(EVERYWHERE);
	$('permission').hidden = allowed;
	$('step').hidden = !allowed && status.state === 'ready';
}

/** @param {Status} status */
function showServer({state, address}) {
	write('state', texts(`server_${state}`));
	write('step', fill(texts, `server_${state}_step`, {address}));
	$('light').dataset.state = state;
	if ($('pairing').hidden === (state === 'unpaired')) {
		$('pairing').hidden = state !== 'unpaired';
		$('code').focus();
	}
	if (document.activeElement !== $('address') && !$('address').value) {
		$('address').value = address;
	}
}

/** @param {Status} status */
function showPage({counts, site, paused, state, threshold}) {
	const rows = [...LABELS.map(label => [texts(`label_${label}`), counts?.[label]]), [texts('popup_waiting'), state === 'ready' && counts?.waiting]]
		.filter(([, count]) => count);
	const key = JSON.stringify(rows);
	// Written only when it changed, so that a screen reader does not say it every second.
	if ($('counts').dataset.key !== key) {
		$('counts').dataset.key = key;
		$('counts').replaceChildren(...rows.flatMap(([name, count]) => [make('dt', '', String(name)), make('dd', '', String(count))]));
	}
	// While the server is away pictures wait: the state above says so, and "none seen" would be wrong.
	$('none').hidden = rows.length > 0 || Boolean(counts?.waiting);
	write('none', texts(paused ? 'popup_paused' : counts ? 'popup_none' : 'popup_unsupported'));
	$('pause-row').hidden = !site;
	write('pause-text', fill(texts, 'popup_pause', {site}));
	document.querySelectorAll('[name=threshold]').forEach(radio => {
		/** @type {any} */ (radio).checked = /** @type {any} */ (radio).value === threshold;
	});
	$('pause').checked = paused;
	$('pause').dataset.site = site;
}

/** @param {string} id @param {string} text */
function write(id, text) {
	if ($(id).textContent !== text) {
		$(id).textContent = text;
	}
}

/** @param {() => Promise<void>} again */
async function pair(again) {
	const digits = $('code').value.replace(/\D/g, '');
	if (digits.length !== 8) {
		write('pairing-answer', texts('popup_code_digits'));
		return;
	}
	const button = $('pairing').querySelector('button');
	button.disabled = true;
	write('pairing-answer', '');
	try {
		await ask('pair', {code: digits});
		$('code').value = '';
	} catch (error) {
		const code = /** @type {Error} */ (error).message;
		write('pairing-answer', texts(`error_${code}`) || texts(`server_${code}`) || fill(texts, 'error_unknown', {code}));
		$('code').select();
	}
	button.disabled = false;
	await again();
}

/** @param {() => Promise<void>} again */
async function save(again) {
	const address = await ask('address', {address: $('address').value});
	write('address-answer', address ? '' : texts('popup_address_wrong'));
	if (address) {
		$('address').value = address;
	}
	await again();
}

/** @param {number} tab */
function listen(tab) {
	const again = () => refresh(tab);
	const on = (/** @type {string} */ id, /** @type {string} */ type, /** @type {() => Promise<void>} */ act) => {
		$(id).addEventListener(type, (/** @type {Event} */ event) => {
			if (type === 'submit') {
				event.preventDefault();
			}
			void act();
		});
	};
	on('pairing', 'submit', () => pair(again));
	on('advanced', 'submit', () => save(again));
	on('pause', 'change', async () => {
		await ask('pause', {site: $('pause').dataset.site, on: $('pause').checked});
		await again();
	});
	document.querySelector('fieldset')?.addEventListener('change', async event => {
		await ask('threshold', {threshold: /** @type {any} */ (event.target).value});
		await again();
	});
	on('grant', 'click', async () => {
		// First, and not after an await: the browser grants only at once after the click.
		await browser.permissions.request(EVERYWHERE);
		await again();
	});
	startList(tab);
	setInterval(again, REFRESH_MS);
	return again();
}

translate(texts);
$('version').textContent = fill(texts, 'popup_version', {version: browser.runtime.getManifest().version});
void currentTab().then(listen);
