/** Draws one picture's report: verdict first, then the reasons, then what could not be seen. */

import {dress} from '/catalogue/ways.js';
import {describe, fill} from '/catalogue/words.js';
import {texts} from './texts.js';

/**
 * Make an element with a class and text or children.
 * @param {string} name
 * @param {string} className
 * @param {...(Node | string)} content
 */
export function make(name, className, ...content) {
	const node = document.createElement(name);
	node.className = className;
	node.append(...content);
	return node;
}

/** @param {string} label */
export const pill = label => make('span', `pill ${label}`, texts(`label_${label}`));

/** An entry that says that its picture is being checked. @param {File} file */
export function waiting(file) {
	const thumbnail = /** @type {HTMLImageElement} */ (make('img', 'thumbnail'));
	thumbnail.src = URL.createObjectURL(file);
	thumbnail.alt = '';
	thumbnail.addEventListener('error', () => thumbnail.classList.add('unseen'), {once: true});
	const body = make('div', 'body', make('p', 'busy', texts('web_checking')));
	return make('li', 'result', thumbnail, make('div', '', make('h3', '', file.name), body));
}

/** @param {Element} entry @param {any} report @param {string} name */
export function show(entry, report, name) {
	body(entry).replaceChildren(...draw(report, name));
}

/** Whether a report is about pixels that were taken from a screen: of their file it says nothing. @param {any} report */
export const isOfScreen = report => report.versions.pixels === 'screen';

/**
 * What is to be said of a report.
 * @param {any} report
 * @param {string} name the file's, '' where it is not known
 */
export function viewOf(report, name) {
	const view = describe(report, {url: name}, texts);
	const source = {url: name, how: /** @type {const} */ ('screen')};
	// How much of the picture the screen has shown only the browser knows.
	return isOfScreen(report) ? {...dress(view, {report, source, at: 0}, texts), facts: view.facts} : view;
}

/**
 * A report in words.
 * @param {any} report
 * @param {string} name the file's, '' where it is not known
 * @param {string} [heading] the element of the titles within
 */
export function draw(report, name, heading = 'h4') {
	const view = viewOf(report, name);
	const facts = view.facts.filter(([title]) => name || title !== texts('card_address'));
	const section = (/** @type {string} */ title, /** @type {Element[]} */ items) =>
		items.length ? [make(heading, 'part', texts(title)), make('ul', '', ...items)] : [];
	return [
		make('p', 'verdict', make('span', `pill ${view.label}`, view.name)),
		make('p', 'hint', view.hint),
		...(view.sentence ? [make('p', '', view.sentence)] : []),
		...section('card_evidence', view.findings.map(found => make(
			'li', `finding ${found.strength}`,
			make('strong', '', found.strengthName), ` ${found.check}: ${found.text}`,
			...pairs(found.details),
		))),
		...section('card_unavailable', view.unavailable.map(why => make('li', '', `${why.check}: ${why.text}`))),
		...section('card_estimate', view.estimate
			? [make('li', 'finding estimate', `${view.estimate.text} ${view.estimate.note}`)] : []),
		details(facts, report, view.words.file),
	];
}

/** @param {Element} entry @param {{code: string, message: string}} error */
export function showError(entry, error) {
	body(entry).replaceChildren(
		make('p', 'verdict', pill('not_checked')),
		make('p', 'hint', problem(error)),
		make('p', 'exact', error.message),
	);
}

/** A refusal in words. @param {{code: string}} error */
export const problem = ({code}) =>
	texts(`error_${code}`) || texts(code) || fill(texts, 'error_unknown', {code});

/** @param {Element} entry */
const body = entry => /** @type {Element} */ (entry.querySelector('.body'));

/** @param {[string, string][]} rows */
function pairs(rows) {
	return rows.length ? [make('dl', '', ...rows.flatMap(([k, v]) => [make('dt', '', k), make('dd', '', v)]))] : [];
}

/** @param {[string, string][]} facts @param {any} report @param {string} title */
function details(facts, report, title) {
	const times = Object.entries(report.timings_ms).map(([check, ms]) => `${check} ${ms} ms`).join(', ');
	const versions = Object.entries(report.versions).map(([name, value]) => `${name} ${value}`).join(', ');
	const raw = make('pre', '', JSON.stringify(report, null, 2));
	// It scrolls, and so must be reached by keyboard.
	raw.tabIndex = 0;
	return make(
		'details', '',
		make('summary', '', title),
		...pairs([...facts, [texts('web_times'), times], [texts('web_versions'), versions]]),
		raw,
	);
}
