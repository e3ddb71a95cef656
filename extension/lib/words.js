/** Turns a report into the words a person reads. Pure: the catalogue comes in as a function. */

import {beside, worth} from './weight.js';

/** @typedef {(key: string) => string} Texts the catalogue's text of a key; '' if there is none */
/** @typedef {Record<string, string | number>} Params */
/** @typedef {{strength: string, strengthName: string, check: string, text: string, details: [string, string][]}} Finding */
/**
 * @typedef {object} View everything that a badge and its card show, as plain text
 * @property {string} label
 * @property {string} name
 * @property {string} short
 * @property {string} action the accessible name of the badge
 * @property {string} hint
 * @property {string} sentence what decided, where no finding says it
 * @property {Finding[]} findings
 * @property {{check: string, text: string}[]} unavailable
 * @property {{text: string, note: string, details: [string, string][]} | null} estimate
 * @property {[string, string][]} facts
 * @property {Record<'findings' | 'estimate' | 'unavailable' | 'page' | 'page_alt' | 'page_caption' | 'page_near' | 'file_only' | 'page_only' | 'page_mark' | 'file' | 'close' | 'details', string>} words
 */
/** @typedef {{code: string, params?: Params}} Reason */

// Values that have words of their own: the catalogue's prefix of each.
const WORDS = {source_type: 'source_type_', reason: 'reason_', checks: 'check_', lint: 'lint_', soft_binding: 'soft_binding_', place: 'place_', rule: 'rule_', law: 'law_'};
const DAY = 24 * 60 * 60 * 1000;

/**
 * Fill the catalogue's text of a code. A value that is missing or empty reads "unnamed", in words of its own where it has some.
 * @param {Texts} texts
 * @param {string} code
 * @param {Params} [params]
 * @returns {string}
 */
export function fill(texts, code, params = {}) {
	const unknown = (/** @type {string} */ name) => texts(`unknown_${name}`) || texts('value_unknown');
	return texts(code).replace(/\{(\w+)\}/g, (_, name) => value(texts, name, params[name]) || unknown(name));
}

/**
 * @param {Texts} texts
 * @param {string} name
 * @param {string | number | undefined} raw
 * @returns {string}
 */
function value(texts, name, raw = '') {
	const prefix = WORDS[/** @type {keyof typeof WORDS} */ (name)];
	if (name === 'trust_list' && raw) {
		return fill(texts, 'trust_list_of', {date: raw, days: Math.max(0, Math.floor((Date.now() - Date.parse(String(raw))) / DAY))});
	}
	return prefix ? String(raw).split(', ').map(part => word(texts, prefix, part)).join(', ') : String(raw);
}

/** The word of one value; `finding:Field` is the word of the finding, filled. @param {Texts} texts @param {string} prefix @param {string} part */
function word(texts, prefix, part) {
	const whole = texts(prefix + part.replace(/\W/g, '_'));
	const [finding, field] = part.split(':');
	return whole || (field === undefined ? '' : texts(prefix + finding).replace('{field}', () => field)) || part;
}

/**
 * Say a false alarm rate as a person counts: "1 in 200", or "41 in 100" where that is clearer.
 * @param {Texts} texts
 * @param {number} rate
 */
export function oneIn(texts, rate) {
	return rate > 0.1
		? fill(texts, 'in_hundred', {percent: Math.round(rate * 100)})
		: fill(texts, 'one_in', {count: round(1 / Math.max(rate, 1e-6))});
}

/** Two digits are all that a rate from held-out pictures can bear. @param {number} count */
function round(count) {
	const step = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
	return (Math.round(count / step) * step).toLocaleString('en').replaceAll(',', '\u202F');
}

/**
 * Put a report into words.
 * @param {any} report the server's, version 1
 * @param {{url: string, type?: string}} source what was analysed
 * @param {Texts} texts
 * @returns {View}
 */
export function describe(report, source, texts) {
	const {verdict} = report;
	const decided = (/** @type {any} */ e) => e.strength !== 'estimate' || verdict.basis === 'estimate';
	const findings = report.evidence.filter(decided).toSorted((/** @type {any} */ a, /** @type {any} */ b) => worth(b, verdict) - worth(a, verdict));
	const quiet = report.evidence.find((/** @type {any} */ e) => !decided(e));
	const said = findings.some((/** @type {any} */ e) => e.code === verdict.code);
	return {
		...heading(verdict.label, texts),
		sentence: said ? '' : fill(texts, verdict.code, verdict.params),
		findings: findings.map((/** @type {any} */ e) => finding(e, texts)),
		unavailable: Object.entries(report.unavailable).map(([check, why]) => ({
			check: texts(`check_${check}`) || check,
			text: reason(/** @type {Reason} */ (why), texts),
		})),
		estimate: quiet ? {...say(quiet, texts), note: texts(beside(verdict))} : null,
		facts: facts(report, source, texts),
	};
}

/**
 * Put into words why there is no report.
 * @param {Reason} why
 * @param {{url: string}} source
 * @param {Texts} texts
 * @returns {View}
 */
export function describeFailure(why, source, texts) {
	return {
		...heading('not_checked', texts),
		sentence: reason(why, texts),
		findings: [],
		unavailable: [],
		estimate: null,
		facts: [[texts('card_address'), shorten(source.url)]],
	};
}

/** @param {string} label @param {Texts} texts */
function heading(label, texts) {
	const name = texts(`label_${label}`) || label;
	return {
		label,
		name,
		short: texts(`badge_${label}`) || name,
		action: fill(texts, 'badge_open', {label: name}),
		hint: texts(`label_${label}_hint`),
		words: {
			findings: texts('card_evidence'),
			estimate: texts('card_estimate'),
			unavailable: texts('card_unavailable'),
			page: texts('card_page'),
			page_alt: texts('card_page_alt'), page_caption: texts('card_page_caption'),
			page_near: texts('card_page_near'),
			file_only: texts('card_file_only'), page_only: texts('card_page_only'), page_mark: texts('card_page_mark'),
			file: texts('card_file'),
			close: texts('card_close'),
			details: texts('card_details'),
		},
	};
}

/** @param {any} evidence @param {Texts} texts @returns {Finding} */
function finding(evidence, texts) {
	return {
		strength: evidence.strength,
		strengthName: texts(`strength_${evidence.strength}`) || evidence.strength,
		check: texts(`check_${evidence.check}`) || evidence.check,
		...say(evidence, texts),
	};
}

/**
 * The sentence of a piece of evidence, and the values that the sentence does not contain.
 * @param {any} evidence
 * @param {Texts} texts
 * @returns {{text: string, details: [string, string][]}}
 */
function say({code, params, false_alarm_rate: rate}, texts) {
	const all = rate === null || rate === undefined ? params
		: {...params, one_in: oneIn(texts, rate), percent: (rate * 100).toPrecision(2)};
	const text = texts(code) ? fill(texts, code, all) : code;
	const unsaid = Object.keys(params).filter(name => params[name] !== '' && !texts(code).includes(`{${name}}`));
	return {
		text,
		details: unsaid.filter(name => texts(`param_${name}`))
			.map(name => [texts(`param_${name}`), value(texts, name, params[name])]),
	};
}

/** @param {Reason} why @param {Texts} texts */
function reason({code, params}, texts) {
	const key = [code, `error_${code}`].find(key => texts(key));
	return key ? fill(texts, key, params) : fill(texts, 'error_unknown', {code});
}

/**
 * @param {any} report
 * @param {{url: string, type?: string}} source
 * @param {Texts} texts
 * @returns {[string, string][]}
 */
function facts(report, source, texts) {
	return [
		[texts('card_size'), `${report.format}, ${report.width} × ${report.height}`],
		[texts('card_address'), shorten(source.url) || texts('card_embedded')],
		[texts('card_sha256'), report.sha256],
	];
}

/** A data: URL is the image itself: its beginning is enough. @param {string} url */
function shorten(url) {
	return url.length > 300 ? `${url.slice(0, 300)}…` : url;
}
