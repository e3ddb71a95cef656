/** The side panel: all that is known of the picture that a person chose on the page beside it. */

import {showActs, startActs} from './acts.js';
import {lookCloser, retryCloser} from './closer.js';
import {sitesRight} from './lib/access.js';
import {browser} from './lib/browser.js';
import {Chosen} from './lib/chosen.js';
import {wear} from './lib/colours.js';
import {difference} from './lib/disclosure.js';
import {list, make, translate, write} from './lib/elements.js';
import {ask} from './lib/messages.js';
import {nameOf, variant, viewOf} from './lib/record.js';
import {reportAddress} from './lib/server.js';
import * as settings from './lib/settings.js';
import {fill} from './lib/words.js';
import {offerMap, startMap} from './map.js';

/** @typedef {import('./lib/chosen.js').Picture} Picture */
/** @typedef {import('./lib/words.js').Finding} Finding */

const texts = (/** @type {string} */ key) => browser.i18n.getMessage(key);
const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const chosen = new Chosen(browser.storage.session);
// In the order of their worth; an estimate is a thing apart.
const STRENGTHS = ['proof', 'declaration'];

/** The tab beside this panel; a page that shows the panel in a tab names another in its address. */
let tab = Number(new URLSearchParams(location.search).get('tab'));
const named = tab > 0;
/** Which image is drawn, or on its way. */
let drawn = '';
/** The host that the browser does not let us read, if that is why there is no report. */
let refused = '';

async function follow() {
	if (!named) {
		const [active] = await browser.tabs.query({active: true, currentWindow: true});
		tab = active?.id ?? -1;
	}
	await show();
}

async function show() {
	const asked = tab;
	const [picture, {threshold, address}] = await Promise.all([chosen.get(asked), settings.read()]);
	if (asked !== tab) {
		return;
	}
	$('empty').hidden = picture !== null;
	$('picture').hidden = picture === null;
	if (!picture) {
		drawn = '';
		forgetImage();
		return;
	}
	write($('name'), nameOf(picture.record?.source.url ?? picture.url, texts));
	write($('page'), picture.page ?? '');
	$('shown-on').hidden = !picture.page;
	const view = describe(picture, threshold, address);
	const key = `${asked}/${picture.frame}/${picture.id}`;
	showActs(key, picture, {view, threshold, texts});
	if (lookCloser(key, picture, {tab: asked, texts, done: () => void show()})) {
		$('again').hidden = false;
	}
	const sha256 = picture.record?.report?.sha256;
	$('full').hidden = !sha256;
	$('report').href = sha256 ? reportAddress(address, sha256) : '';
	offerMap(`${key}/${sha256}`, Boolean(picture.record?.report?.estimate));
	await showImage(picture, `${key}/${picture.url}/${sha256}`);
}

/** @param {Picture} picture @param {settings.Threshold} threshold @param {string} address */
function describe({record, sayings = [], busy, problem}, threshold, address) {
	if (!record) {
		heading(busy ? 'busy' : 'not_checked', texts(busy ? 'panel_busy' : 'label_not_checked'));
		const why = [`server_${problem}`, `error_${problem}`].find(key => texts(key)) ?? 'panel_failed';
		write($('sentence'), busy ? '' : texts(why));
		write($('hint'), busy ? '' : texts(`server_${problem}_step`) && fill(texts, `server_${problem}_step`, {address}));
		$('again').hidden = busy === true;
		$('allow').hidden = true;
		$('evidence').replaceChildren();
		$('file').hidden = true;
		return null;
	}
	const view = viewOf(record, threshold, texts);
	heading(view.label, view.name);
	write($('sentence'), view.sentence);
	write($('hint'), view.hint);
	const fromScreen = record.source.how === 'screen';
	$('again').hidden = !record.failure && !fromScreen;
	refused = record.failure?.code === 'not_read_permission' ? record.failure.params.host : '';
	$('allow').hidden = !refused;
	const estimates = view.findings.filter(({strength}) => !STRENGTHS.includes(strength)).map(found => finding(found));
	if (view.estimate) {
		estimates.push(make('li', 'estimate', make('p', '', view.estimate.text), make('p', 'soft', view.estimate.note), list(view.estimate.details)));
	}
	$('evidence').replaceChildren(
		...STRENGTHS.flatMap(strength => section(texts(`panel_${strength}`),
			view.findings.filter(found => found.strength === strength).map(found => finding(found)))),
		...section(view.words.estimate, estimates),
		...section(view.words.page, pageSays(view, sayings, difference(view.label, record, sayings))),
		...section(view.words.unavailable, view.unavailable.map(({check, text}) =>
			make('li', 'missing', make('p', 'origin', check), make('p', '', text)))),
	);
	$('file').hidden = false;
	write($('file-title'), texts(fromScreen ? 'panel_pixels' : 'panel_file'));
	$('variant').replaceChildren(list(variant(record, texts)));
	return view;
}

/** @param {import('./lib/words.js').View} view @param {import('./lib/disclosure.js').Saying[]} sayings @param {import('./lib/disclosure.js').Difference} differs */
function pageSays({words}, sayings, differs) {
	return [
		...sayings.map(({where, text}) => make('li', 'page', make('p', 'origin', words[`page_${where}`]), make('q', '', text))),
		...differs ? [make('li', 'page', make('p', '', words[differs]))] : [],
	];
}

/** @param {string} label @param {string} name */
function heading(label, name) {
	$('label').className = `pill ${label}`;
	write($('label'), name);
	write($('said'), `${$('name').textContent}: ${name}`);
}

/** @param {Finding} found */
function finding({strength, strengthName, check, text, details}) {
	const origin = make('p', 'origin', make('span', 'strength', strengthName), ' ', make('span', '', check));
	return make('li', strength, origin, make('p', '', text), list(details));
}

/** @param {string} title @param {HTMLElement[]} items */
function section(title, items) {
	return items.length > 0 ? [make('section', '', make('h2', '', title), make('ul', '', ...items))] : [];
}

/** Draw the picture from its bytes. @param {Picture} picture @param {string} key */
async function showImage({record}, key) {
	if (drawn === key) {
		return;
	}
	drawn = key;
	const read = await ask('bytes', {tab}).catch(() => null);
	if (drawn !== key) {
		return;
	}
	forgetImage();
	if (!read) {
		write($('image-note'), texts('panel_image_failed'));
		return;
	}
	$('image').src = URL.createObjectURL(new Blob([read.bytes], {type: read.type}));
	$('image').hidden = false;
	const wanted = record?.report?.sha256;
	// A site may answer each request with another file: what is shown must not pass for what was checked.
	write($('image-note'), wanted && await sha256(read.bytes) !== wanted ? texts('panel_image_other') : '');
}

function forgetImage() {
	URL.revokeObjectURL($('image').src);
	$('image').removeAttribute('src');
	$('image').hidden = true;
	write($('image-note'), '');
}

/** @param {ArrayBuffer} bytes */
async function sha256(bytes) {
	const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
	return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('');
}

wear();
translate(texts);
startActs(() => tab, texts);
startMap(() => tab, texts);
$('image').addEventListener('error', () => {
	// The browser cannot draw every format that the server reads.
	$('image').hidden = true;
	write($('image-note'), texts('panel_image_failed'));
});
$('again').addEventListener('click', () => {
	// The button goes while the check is on; the focus must not be lost with it.
	$('label').focus();
	void (retryCloser() ? show() : ask('recheck', {tab}));
});
$('allow').addEventListener('click', () => {
	// First, and not after an await: the browser asks the person only at once after the click.
	void browser.permissions.request(sitesRight([refused])).then(given => given && ask('recheck', {tab}));
});
chosen.watch(changed => changed === tab && void show());
browser.storage.local.onChanged.addListener(() => void show());
browser.tabs.onActivated.addListener(() => void follow());
void follow();
