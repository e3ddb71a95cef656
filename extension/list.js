/** The popup's list of this page's pictures: filter, way to each picture, export. */

import {sitesRight} from './lib/access.js';
import {browser} from './lib/browser.js';
import {make, write} from './lib/elements.js';
import {toCsv, toJson} from './lib/export.js';
import {ask} from './lib/messages.js';
import {nameOf} from './lib/record.js';
import * as settings from './lib/settings.js';
import {fill} from './lib/words.js';

/** @typedef {import('./lib/findings.js').Item} Item */

// More rows than this nobody reads in a popup; the export has all.
const ROWS = 200;
// Images come and go without any change of the counts.
const STALE_MS = 5000;
const DIFFERENCES = ['file_only', 'page_only'];

const texts = (/** @type {string} */ key) => browser.i18n.getMessage(key);
const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/** @type {Item[]} */
let items = [];
let seen = {counts: '', at: -Infinity};
/** @type {string[]} hosts of pictures that the browser does not let us read */
let missing = [];

/** @param {number} tab */
export function startList(tab) {
	$('filter').addEventListener('change', draw);
	$('list').addEventListener('click', (/** @type {Event} */ event) => {
		const {frame, id} = /** @type {HTMLElement} */ (event.target).closest('button')?.dataset ?? {};
		if (id) {
			void go(tab, Number(frame), Number(id));
		}
	});
	$('json').addEventListener('click', () => save(tab, 'json'));
	$('csv').addEventListener('click', () => save(tab, 'csv'));
	// First, and not after an await: the browser asks the person only at once after the click.
	$('allow-hosts').addEventListener('click', () => void browser.permissions.request(sitesRight(missing)).then(showMissing));
}

/** Bring the list up to date. @param {number} tab @param {{counts: object | null}} status */
export async function showList(tab, {counts}) {
	const key = JSON.stringify(counts);
	if (key === seen.counts && Date.now() - seen.at < STALE_MS) {
		return;
	}
	seen = {counts: key, at: Date.now()};
	const found = counts ? await ask('list', {tab, whole: false}) : [];
	if (JSON.stringify(found) !== JSON.stringify(items)) {
		items = found;
		drawFilter();
		draw();
	}
	$('findings').hidden = items.length === 0;
	await showMissing();
}

/** The hosts of unchecked pictures that a person may allow us to read. */
async function showMissing() {
	const unread = items.filter(({label, url}) => label === 'not_checked' && /^https?:/.test(url)).map(({url}) => new URL(url).hostname);
	const hosts = [...new Set(unread)].sort();
	const allowed = await Promise.all(hosts.map(host => browser.permissions.contains(sitesRight([host]))));
	missing = hosts.filter((_, at) => !allowed[at]);
	$('missing').hidden = missing.length === 0;
	write($('missing-hosts'), fill(texts, 'missing_hosts', {hosts: missing.join(', ')}));
}

/** The labels that there are, each with its number. */
function drawFilter() {
	const chosen = $('filter').value;
	const counts = Object.entries(Object.groupBy(items, ({label}) => label)).map(([label, all]) => [label, all?.length ?? 0]);
	const differences = DIFFERENCES.map(key => [key, items.filter(({difference}) => difference === key).length]).filter(([, count]) => count);
	const option = (/** @type {string} */ value, /** @type {string} */ name, /** @type {number} */ count) => {
		const element = /** @type {HTMLOptionElement} */ (make('option', '', fill(texts, 'list_option', {name, count})));
		element.value = value;
		return element;
	};
	$('filter').replaceChildren(
		option('', texts('list_all'), items.length),
		...counts.map(([label, count]) => option(String(label), texts(`label_${label}`), Number(count))),
		...differences.map(([key, count]) => option(String(key), texts(`list_${key}`), Number(count))),
	);
	$('filter').value = [...counts, ...differences].some(([key]) => key === chosen) ? chosen : '';
}

function draw() {
	const wish = $('filter').value;
	const wanted = items.filter(({label, difference}) => !wish || label === wish || difference === wish);
	const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.id;
	$('list').replaceChildren(...wanted.slice(0, ROWS).map(row));
	$('list').querySelector(`[data-id="${Number(focused)}"]`)?.focus();
	write($('list-note'), fill(texts, 'list_shown', {count: wanted.length, total: items.length}));
	write($('list-more'), fill(texts, 'list_more', {count: ROWS, total: wanted.length}));
	$('list-more').hidden = wanted.length <= ROWS;
}

/** @param {Item} item */
function row({frame, id, url, alt, label, difference}) {
	const name = nameOf(url, texts);
	const button = make('button', '', make('span', 'name', name), ' ', make('span', `pill ${label}`, texts(`badge_${label}`)));
	if (difference) {
		button.append(' ', make('span', 'soft difference', texts(`list_${difference}`)));
	}
	Object.assign(button.dataset, {frame, id});
	button.title = [name, alt].filter(Boolean).join('\n');
	return make('li', '', button);
}

/** @param {number} tab @param {number} frame @param {number} id */
async function go(tab, frame, id) {
	const answer = await ask('reveal', {tab, frame, id});
	if (answer !== 'shown') {
		write($('list-note'), texts(`list_${answer}`));
		write($('list-more'), texts(`list_${answer}`));
		$('list-more').hidden = false;
	} else if (!new URLSearchParams(location.search).has('tab')) {
		// The focus is on the page only when the popup is gone.
		close();
	}
}

/** Save the page's findings as a file. @param {number} tab @param {'json' | 'csv'} kind */
async function save(tab, kind) {
	const [found, {threshold}] = await Promise.all([ask('list', {tab, whole: true}), settings.read()]);
	// The best copy is a file of its own, in a row of its own.
	const findings = found.filter((/** @type {Item} */ {record}) => record).flatMap((/** @type {Item} */ {best, ...item}) =>
		[item, ...best ? [{...item, record: best, copy: 'best'}] : []]);
	const [text, type] = kind === 'json' ? [toJson(findings, threshold), 'application/json'] : [toCsv(findings, threshold), 'text/csv'];
	const link = document.createElement('a');
	link.href = URL.createObjectURL(new Blob([text], {type}));
	const page = URL.canParse(found[0]?.page) ? new URL(found[0].page).hostname : 'page';
	link.download = `touchstone-${page || 'page'}-${new Date().toISOString().slice(0, 16).replace(/\D/g, '')}.${kind}`;
	link.click();
}
