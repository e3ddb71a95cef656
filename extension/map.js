/** The panel's "Where in the picture?": the server's map of the parts that look like AI, over the picture. */

import {write} from './lib/elements.js';
import {paint, told} from './lib/heat.js';
import {ask} from './lib/messages.js';

const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/** Which picture the map is of, or is asked for. */
let shown = '';

/** @param {() => number} tab @param {import('./lib/words.js').Texts} texts */
export function startMap(tab, texts) {
	$('where').addEventListener('click', async () => {
		const wanted = shown;
		$('where').disabled = true;
		write($('map-note'), texts('regions_busy'));
		const answer = await ask('regions', {tab: tab()}).catch(() => null);
		if (wanted !== shown) {
			return;
		}
		$('where').disabled = false;
		write($('map-note'), answer ? told(answer, texts) : texts('regions_failed'));
		if (answer?.regions) {
			paint($('map'), answer.regions);
			$('map').hidden = false;
			$('image').classList.add('under');
			// The button goes, its words have come: the focus must not be lost with it.
			$('map-note').focus();
			$('where').hidden = true;
			$('stack').scrollIntoView({block: 'nearest'});
		}
	});
}

/**
 * Offer the map where there is an estimate; forget that of another picture.
 * @param {string} key of the picture and its file
 * @param {boolean} possible
 */
export function offerMap(key, possible) {
	if (shown !== key) {
		shown = key;
		$('map').hidden = true;
		$('image').classList.remove('under');
		$('where').disabled = false;
		write($('map-note'), '');
	}
	$('where').hidden = !possible || !$('map').hidden;
}
