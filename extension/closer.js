/** The panel's full check: a page's pictures get a quick look, the one that a person reads about a full one. */

import {write} from './lib/elements.js';
import {ask} from './lib/messages.js';
import {isQuick} from './lib/record.js';

/** @typedef {import('./lib/chosen.js').Picture} Picture */

/** Which picture of a quick look is shown, which is looked at now, and which could not be. */
let [shown, busy, failed] = ['', '', ''];

/**
 * Ask for the full check where there was only a quick look, and say so.
 * @param {string} key of the picture
 * @param {Picture} picture
 * @param {{tab: number, texts: import('./lib/words.js').Texts, done: () => void}} panel done: there may be more to show
 * @returns {boolean} whether it was not possible
 */
export function lookCloser(key, {record}, {tab, texts, done}) {
	shown = isQuick(record) ? `${key}/${record?.report.sha256}` : '';
	const impossible = shown !== '' && shown === failed;
	write(/** @type {Element} */ (document.getElementById('closer')), shown && texts(impossible ? 'panel_closer_failed' : 'panel_closer'));
	if (shown && !impossible && shown !== busy) {
		const wanted = shown;
		busy = wanted;
		void ask('deepen', {tab}).catch(() => false).then(found => {
			busy = busy === wanted ? '' : busy;
			failed = found ? '' : wanted;
			done();
		});
	}
	return impossible;
}

/** Let the next `lookCloser` try again what was not possible; false if that is not what is shown. */
export function retryCloser() {
	const impossible = shown !== '' && shown === failed;
	failed = '';
	return impossible;
}
