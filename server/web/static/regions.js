/** "Where in the picture?": asks the server for the map of one picture and lays it over it. */

import {paint, told} from '/catalogue/heat.js';
import {call, Refused} from './api.js';
import {make, problem} from './results.js';
import {texts} from './texts.js';

/** @typedef {{file: File, entry: Element, report?: any, regions?: any}} Picture */

/**
 * Offer the map below a report, or show it where it was asked for.
 * @param {Picture} picture
 */
export function offer(picture) {
	const body = /** @type {Element} */ (picture.entry.querySelector('.body'));
	if (picture.regions) {
		body.append(drawn(picture));
		return;
	}
	const button = /** @type {HTMLButtonElement} */ (make('button', 'where', texts('regions_button')));
	const note = make('p', 'hint');
	button.type = 'button';
	note.setAttribute('role', 'status');
	button.addEventListener('click', async () => {
		button.disabled = true;
		note.textContent = texts('regions_busy');
		try {
			picture.regions = await call('POST', '/v1/regions', picture.file);
		} catch (error) {
			button.disabled = false;
			note.textContent = problem(error instanceof Refused ? error : new Refused('internal_error', String(error)));
			return;
		}
		const figure = drawn(picture);
		button.replaceWith(figure);
		note.remove();
		// The button had the focus; it must not be lost with it.
		/** @type {HTMLElement} */ (figure).focus();
	});
	body.append(button, note);
}

/** @param {Picture} picture */
function drawn({entry, regions}) {
	const caption = make('figcaption', 'hint', told(regions, texts));
	const figure = make('figure', 'regions', caption);
	figure.tabIndex = -1;
	if (regions.regions) {
		const image = /** @type {HTMLImageElement} */ (make('img', ''));
		image.src = /** @type {HTMLImageElement} */ (entry.querySelector('.thumbnail')).src;
		image.alt = '';
		const canvas = /** @type {HTMLCanvasElement} */ (make('canvas', ''));
		canvas.setAttribute('aria-hidden', 'true');
		paint(canvas, regions.regions);
		const stack = make('div', 'stack', image, canvas);
		// A format that the browser cannot draw has a map all the same, and nothing to lay it over.
		image.addEventListener('error', () => stack.classList.add('bare'), {once: true});
		figure.prepend(stack);
	}
	return figure;
}
