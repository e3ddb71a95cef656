/** A page's findings as a file to keep: JSON for programs, CSV for spreadsheets. Pure. */

import {difference} from './disclosure.js';
import {hold} from './record.js';

/** @typedef {import('./record.js').Record} Record */
/** @typedef {import('./settings.js').Threshold} Threshold */
/** @typedef {import('./disclosure.js').Saying} Saying */
/**
 * @typedef {{page: string, record: Record, sayings?: Saying[], copy?: 'page' | 'best'}} Finding `page`: the address of the frame that shows the image;
 * `sayings`: what it says of it; `copy`: the one on the page, or the best that it names
 */

const COLUMNS = /** @type {const} */ ([
	'url', 'page_url', 'time', 'sha256', 'label', 'basis', 'codes', 'unavailable', 'false_alarm_rate',
	'format', 'width', 'height', 'bytes', 'response_type', 'model', 'code', 'touchstone',
	'page_says', 'difference', 'copy', 'obtained', 'cookies',
]);

/**
 * One flat row for each picture; a value that is not known is null.
 * @param {Finding} finding
 * @param {Threshold} threshold
 * @returns {{[column in typeof COLUMNS[number]]: any}}
 */
export function row({page, record, sayings = [], copy = 'page'}, threshold) {
	const {report, failure, source, at} = record;
	const {label, basis} = report ? hold(report, threshold).verdict : {label: 'not_checked', basis: 'none'};
	const evidence = report?.evidence ?? [];
	return {
		url: source.url,
		page_url: page,
		time: new Date(at).toISOString(),
		sha256: report?.sha256 ?? null,
		label,
		basis,
		codes: failure ? [failure.code] : evidence.map((/** @type {any} */ found) => found.code),
		unavailable: Object.entries(report?.unavailable ?? {}).map(([check, why]) => `${check}:${/** @type {any} */ (why).code}`),
		false_alarm_rate: report?.estimate?.false_alarm_rate ?? null,
		format: report?.format ?? null,
		width: report?.width ?? null,
		height: report?.height ?? null,
		bytes: source.bytes ?? null,
		response_type: source.type || null,
		model: report?.versions?.model ?? null,
		code: report?.versions?.code ?? null,
		touchstone: report?.versions?.touchstone ?? null,
		page_says: sayings.map(({where, text}) => `${where}: ${text}`),
		difference: difference(label, record, sayings),
		copy,
		obtained: source.how ?? null,
		cookies: source.cookies ?? null,
	};
}

/** @param {Finding[]} findings @param {Threshold} threshold */
export function toJson(findings, threshold) {
	return `${JSON.stringify(findings.map(finding => row(finding, threshold)), null, 2)}\n`;
}

/**
 * RFC 4180, with a byte order mark: without it Excel takes the text for another encoding.
 * @param {Finding[]} findings
 * @param {Threshold} threshold
 */
export function toCsv(findings, threshold) {
	const lines = findings.map(finding => {
		const values = row(finding, threshold);
		return COLUMNS.map(column => cell(values[column]));
	});
	return `\uFEFF${[COLUMNS, ...lines].map(cells => cells.join(',')).join('\r\n')}\r\n`;
}

/**
 * Addresses are written by strangers: a cell that a spreadsheet would take for a formula is made text.
 * @param {any} value
 */
function cell(value) {
	const text = Array.isArray(value) ? value.join(' ') : String(value ?? '');
	const plain = typeof value !== 'number' && /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/.test(text) ? `'${text}` : text;
	return /[",\r\n\t']/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
