/** Where pages are looked at, on welcome page and options: the choice, the chosen sites, and the browser's consent. */

import {EVERYWHERE, rightFor, sitesRight} from './lib/access.js';
import {browser} from './lib/browser.js';
import {make, mark, write} from './lib/elements.js';
import {ask} from './lib/messages.js';
import {normalizeSite} from './lib/settings.js';
import {fill} from './lib/words.js';

/** @typedef {{where: import('./lib/settings.js').Where, sites: string[], fixed: string[], all: boolean}} Status all: every site may be read */

const texts = (/** @type {string} */ key) => browser.i18n.getMessage(key);
const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/** @type {Status} */
let status = {where: 'click', sites: [], fixed: [], all: false};
let drawn = '';

/** @param {() => Promise<void>} again brings the page up to date */
export function startWhere(again) {
	// In each of these the browser is asked first, and not after an await: only at once after the click it asks the person.
	$('where').addEventListener('change', (/** @type {any} */ {target: {value}}) => {
		const consent = value === 'everywhere' ? consentTo(EVERYWHERE) : Promise.resolve(true);
		void consent.then(async given => {
			await (given && ask('set', {setting: 'where', value}));
			write($('where-answer'), given ? '' : texts('where_refused'));
			await again();
		});
	});
	$('allow-pages').addEventListener('click', () => void browser.permissions.request(rightFor(status)).then(again));
	$('site-form').addEventListener('submit', (/** @type {Event} */ event) => {
		event.preventDefault();
		const site = normalizeSite($('site').value);
		write($('where-answer'), site ? '' : texts('site_wrong'));
		if (site) {
			void consentTo(sitesRight([site])).then(async given => {
				await (given && ask('choose_site', {site, on: true}));
				$('site').value = given ? '' : $('site').value;
				write($('where-answer'), given ? '' : texts('where_refused'));
				await again();
			});
		}
	});
	$('sites').addEventListener('click', (/** @type {any} */ {target}) => {
		const {site} = target.closest('button')?.dataset ?? {};
		if (site) {
			void ask('choose_site', {site, on: false}).then(again).then(() => $('site').focus());
		}
	});
}

/** @param {Status} now */
export async function showWhere(now) {
	status = now;
	const {where, sites, fixed} = status;
	mark('where', where, fixed);
	$('where-fixed').hidden = !fixed.includes('where') && !fixed.includes('sites');
	$('chosen').hidden = where !== 'chosen';
	$('site-form').hidden = fixed.includes('sites');
	const key = JSON.stringify([sites, fixed]);
	if (drawn !== key) {
		drawn = key;
		$('sites').replaceChildren(...sites.map(siteRow));
	}
	const allowed = await browser.permissions.contains(rightFor(status));
	$('allow-pages').hidden = allowed;
	write($('where-missing'), allowed ? '' : texts(where === 'everywhere' ? 'permission_missing_everywhere' : 'permission_missing_chosen'));
}

/** Ask the browser, unless it has said yes to all: Chromium would ask the person once more. @param {{origins: string[]}} wanted */
function consentTo(wanted) {
	return status.all ? Promise.resolve(true) : browser.permissions.request(wanted);
}

/** @param {string} site */
function siteRow(site) {
	const button = make('button', '', texts('site_remove'));
	button.setAttribute('aria-label', fill(texts, 'site_remove_named', {site}));
	button.dataset.site = site;
	return make('li', '', make('span', 'name', site), ...status.fixed.includes('sites') ? [] : [button]);
}
