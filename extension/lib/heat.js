/** Where a picture looks like AI: the colours that lie over it, and the words. Pure but for the canvas. */

import {fill, oneIn} from './words.js';

/** @typedef {{values: number[][], place: string, false_alarm_rate: number, model: string}} Regions as the server answers: 0…1 for each cell, rows from the top */

// As much like AI as like real: nothing is shown below.
const EVEN = 0.5;
const COLOUR = [217, 0, 255];
const STRONGEST = 190;

/**
 * The pixels of the map, one for each cell: nothing up to even, then the stronger the more like AI.
 * @param {number[][]} values
 * @returns {Uint8ClampedArray} red, green, blue, opacity
 */
export function colours(values) {
	return Uint8ClampedArray.from(values.flat().flatMap(value =>
		[...COLOUR, STRONGEST * Math.max(0, value - EVEN) / (1 - EVEN)]));
}

/** Draw the map; the style sheet stretches it over the picture. @param {HTMLCanvasElement} canvas @param {Regions} regions */
export function paint(canvas, {values}) {
	canvas.width = values[0].length;
	canvas.height = values.length;
	const data = /** @type {any} */ (colours(values));
	canvas.getContext('2d')?.putImageData(new ImageData(data, canvas.width, canvas.height), 0, 0);
}

/**
 * What the map says, or why there is none; a screen reader has only this.
 * @param {{regions: Regions | null, unavailable: {code: string, params: Record<string, any>} | null}} answer
 * @param {import('./words.js').Texts} texts
 */
export function told({regions, unavailable}, texts) {
	if (regions) {
		const params = {one_in: oneIn(texts, regions.false_alarm_rate), part: texts(`part_${regions.place}`)};
		return `${fill(texts, 'regions_found', params)} ${texts('regions_note')}`;
	}
	return unavailable ? fill(texts, unavailable.code, unavailable.params) : '';
}
