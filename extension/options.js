/** The options: server, where to look, threshold, density, private windows, cookies, pauses. */

import {showConnection, startConnection} from './connect.js';
import {browser} from './lib/browser.js';
import {make, mark, translate, write} from './lib/elements.js';
import {ask} from './lib/messages.js';
import * as settings from './lib/settings.js';
import {fill} from './lib/words.js';
import {showWhere, startWhere} from './where.js';

const REFRESH_MS = 1000;

const texts = (/** @type {string} */ key) => browser.i18n.getMessage(key);
const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

let drawn = '';

async function refresh() {
	const [status, {paused, density, cookies}, inPrivate] = await Promise.all([
		ask('status', {tab: -1}), settings.read(), browser.extension.isAllowedIncognitoAccess(),
	]);
	showConnection(status);
	await showWhere(status);
	const fixed = (/** @type {string} */ name) => status.fixed.includes(name);
	mark('threshold', status.threshold, status.fixed);
	mark('density', density, status.fixed);
	Object.assign($('private'), {checked: status.private, disabled: fixed('private') || !inPrivate});
	write($('private-note'), texts(inPrivate ? 'private_note' : 'private_browser'));
	Object.assign($('cookies'), {checked: cookies, disabled: fixed('cookies')});
	$('off').checked = status.off;
	['threshold', 'density', 'private', 'cookies', 'pauses'].forEach(name => {
		$(`${name}-fixed`).hidden = !fixed(name === 'pauses' ? 'paused' : name);
	});
	showPauses(Object.keys(paused).sort(), fixed('paused'));
}

/** @param {string[]} sites @param {boolean} fixed */
function showPauses(sites, fixed) {
	const key = JSON.stringify([sites, fixed]);
	if (drawn === key) {
		return;
	}
	drawn = key;
	$('pauses-none').hidden = sites.length > 0;
	$('pauses').replaceChildren(...sites.map(site => {
		const button = make('button', '', texts('pauses_end'));
		button.setAttribute('aria-label', fill(texts, 'pauses_end_named', {site}));
		button.dataset.site = site;
		return make('li', '', make('span', 'name', site), ...fixed ? [] : [button]);
	}));
}

/** @param {string} id @param {string} setting @param {(control: any) => any} valueOf */
function keep(id, setting, valueOf) {
	$(id).addEventListener('change', (/** @type {Event} */ {target}) => {
		void ask('set', {setting, value: valueOf(target)}).then(refresh);
	});
}

translate(texts);
write($('version'), fill(texts, 'popup_version', {version: browser.runtime.getManifest().version}));
startConnection(refresh);
startWhere(refresh);
keep('threshold', 'threshold', ({value}) => value);
keep('density', 'density', ({value}) => value);
keep('private', 'private', ({checked}) => checked);
keep('cookies', 'cookies', ({checked}) => checked);
keep('off', 'off', ({checked}) => checked);
$('pauses').addEventListener('click', (/** @type {any} */ {target}) => {
	const {site} = target.closest('button')?.dataset ?? {};
	if (site) {
		void ask('pause', {site, on: false}).then(refresh).then(() => $('off').focus());
	}
});
$('welcome').addEventListener('click', () => void browser.tabs.create({url: browser.runtime.getURL('welcome.html')}));
// A tab that nobody looks at must not keep the background awake.
setInterval(() => document.hidden || refresh(), REFRESH_MS);
document.addEventListener('visibilitychange', () => document.hidden || refresh());
void refresh();
