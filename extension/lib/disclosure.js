/** Whether only the file says AI, or only the page that shows it. Pure. */

/** @typedef {{where: 'alt' | 'caption' | 'near', text: string}} Saying what the page says of a picture that says AI */
/** @typedef {'file_only' | 'page_only' | null} Difference */

/**
 * As content/captions.js: content scripts cannot import. A text that is not shown tells nobody who
 * sees; a mark in the picture itself does.
 * @param {string} label
 * @param {import('./record.js').Record | null | undefined} record
 * @param {Saying[]} sayings
 * @returns {Difference}
 */
export function difference(label, record, sayings) {
	const marked = record?.report?.evidence.some((/** @type {any} */ {check}) => check === 'visible_mark') === true;
	const shown = marked || sayings.some(({where}) => where !== 'alt');
	const guessed = label === 'suspected_ai' && record?.report?.verdict?.basis === 'estimate';
	if (['ai_generated', 'ai_edited', 'possibly_ai'].includes(label)) {
		return shown ? null : 'file_only';
	}
	return (label === 'unlabeled' || guessed) && sayings.length > 0 ? 'page_only' : null;
}
