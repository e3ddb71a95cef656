/** The panel's offers beyond the first check: the pixels from the screen, the best copy, and what was found of that. */

import {compare} from './lib/best.js';
import {list, make, write} from './lib/elements.js';
import {ask} from './lib/messages.js';
import {variant, viewOf} from './lib/record.js';

/** @typedef {import('./lib/chosen.js').Picture} Picture */
/** @typedef {import('./lib/words.js').Texts} Texts */

const $ = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const ACTS = ['screen', 'better'];

/** Which picture the note speaks of. */
let spoken = '';
let busy = false;

/** @param {() => number} tab @param {Texts} texts */
export function startActs(tab, texts) {
	for (const what of ACTS) {
		$(what).addEventListener('click', async () => {
			if (busy) {
				return;
			}
			busy = true;
			write($('act-note'), texts('panel_busy'));
			const answer = await ask('act', {tab: tab(), what}).catch(() => null);
			busy = false;
			write($('act-note'), answer ? answer.said ?? texts('panel_failed') : texts('act_gone'));
		});
	}
}

/**
 * Show what can be done with a picture, and what was found of its best copy; the focus is not lost with a button.
 * @param {string} key of the picture
 * @param {Picture} picture
 * @param {{view: {acts: import('./lib/ways.js').Acts} | null, threshold: import('./lib/settings.js').Threshold, texts: Texts}} shown
 */
export function showActs(key, {best, record}, {view, threshold, texts}) {
	if (spoken !== key) {
		spoken = key;
		write($('act-note'), '');
	}
	const offered = {screen: Boolean(view?.acts.screen), better: view !== null && best !== null && best !== undefined && !best.record};
	for (const [what, on] of Object.entries(offered)) {
		if (document.activeElement === $(what) && !on) {
			$('label').focus();
		}
		$(what).hidden = !on;
	}
	$('best').hidden = !best?.record;
	if (best?.record) {
		write($('file-title'), texts('best_shown'));
		const {label, name, sentence, findings} = viewOf(best.record, threshold, texts);
		$('best-label').className = `pill ${label}`;
		write($('best-label'), name);
		write($('best-said'), [compare(record, best, texts), sentence].filter(Boolean).join(' '));
		$('best-evidence').replaceChildren(...findings.map(({strength, strengthName, check, text, details}) =>
			make('li', strength, make('p', 'origin', make('span', 'strength', strengthName), ' ', make('span', '', check)), make('p', '', text), list(details))));
		$('best-variant').replaceChildren(list(variant(best.record, texts)));
	}
}
