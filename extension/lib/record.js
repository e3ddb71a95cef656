/** The record of one examined image: what panel, list and export are made of. Pure. */

import {dress, wayOf} from './ways.js';
import {describe, describeFailure, fill} from './words.js';

/** @typedef {import('./words.js').Texts} Texts */
/** @typedef {import('./words.js').View} View */
/** @typedef {import('./settings.js').Threshold} Threshold */
/** @typedef {'page' | 'embedded' | 'screen' | import('./attempts.js').Way} How the bytes were got: page: by the page's own request, from its cache if there */
/**
 * @typedef {object} Source the exact variant that was analysed
 * @property {string} url of the file; of the one that could not be read, where the screen was looked at
 * @property {string} [type]
 * @property {number} [bytes]
 * @property {How} [how]
 * @property {boolean} [cookies] asked for with the person's cookies
 * @property {number} [part] how much of the picture the screen showed, in %
 */
/**
 * @typedef {object} Record
 * @property {any} [report] the server's, version 1
 * @property {{code: string, params?: any}} [failure] why there is no report
 * @property {Source} source
 * @property {number} at when, in ms
 */

/**
 * Put a record into words, at the person's threshold.
 * @param {Record} record
 * @param {Threshold} threshold
 * @param {Texts} texts
 */
export function viewOf(record, threshold, texts) {
	const {report, failure = {code: 'unknown'}, source} = record;
	const view = report ? describe(hold(report, threshold), source, texts) : describeFailure(failure, source, texts);
	return dress(view, record, texts);
}

/** Whether only the model's fast student has looked. @param {Record | null} [record] */
export function isQuick(record) {
	return record?.report?.versions?.speed === 'quick';
}

/**
 * With "only labels" an estimate makes no suspicion. It is held back and still told: the policy
 * suspects only where every place of a label was read and none was found, so that is what is left.
 * @param {any} report
 * @param {Threshold} threshold
 */
export function hold(report, threshold) {
	const {label, basis} = report.verdict;
	return threshold === 'labels' && label === 'suspected_ai' && basis === 'estimate'
		? {...report, verdict: {label: 'unlabeled', basis: 'none', article6: null, code: 'nothing_found', params: {}, held: true}}
		: report;
}

/**
 * All that is known of the variant that was analysed.
 * @param {Record} record
 * @param {Texts} texts
 * @returns {[string, string][]}
 */
export function variant({report, source, at}, texts) {
	const language = texts('language_tag');
	const number = (/** @type {number} */ value) => value.toLocaleString(language);
	/** @type {[string, string | undefined][]} */
	const rows = [
		[texts(source.how === 'screen' ? 'variant_unread' : 'card_address'), source.url || texts('card_embedded')],
		[texts('way'), wayOf(source, texts)],
		[texts('cookies'), source.cookies === undefined ? '' : texts(`cookies_${source.cookies}`)],
		[texts('panel_type'), source.type],
		[texts('panel_bytes'), source.bytes === undefined ? '' : fill(texts, 'panel_bytes_count', {bytes: number(source.bytes)})],
		[texts('card_size'), report && `${report.format}, ${report.width} × ${report.height}`],
		[texts('card_sha256'), report?.sha256],
		[texts('panel_time'), new Date(at).toLocaleString(language, {dateStyle: 'medium', timeStyle: 'medium'})],
		[texts('param_model'), report?.versions?.model],
		[texts('panel_version'), [report?.versions?.touchstone, report?.versions?.code].filter(Boolean).join(' · ')],
	];
	return /** @type {[string, string][]} */ (rows.filter(([, value]) => value));
}

/**
 * What a person calls the file: its name in the address.
 * @param {string} url
 * @param {Texts} texts
 */
export function nameOf(url, texts) {
	const {protocol, pathname} = URL.canParse(url) ? new URL(url) : {protocol: 'data:', pathname: ''};
	if (['data:', 'blob:'].includes(protocol)) {
		return texts('card_embedded');
	}
	const last = pathname.split('/').filter(Boolean).at(-1) ?? '';
	try {
		return decodeURIComponent(last) || url;
	} catch {
		return last;
	}
}
