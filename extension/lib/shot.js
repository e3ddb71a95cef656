/** The pixels of a picture as the screen shows them: for one that its site does not let us read. */

import {browser} from './browser.js';
import {ImageError} from './images.js';

const EVERYWHERE = {origins: ['<all_urls>']};

/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
/** @typedef {{bytes: ArrayBuffer, part: number}} Shot PNG; part: how much of the picture could be seen, in % */

/**
 * Take them. Nothing of ours is in the shot, and nothing that lies over the picture: what cannot be had so is an
 * ImageError. A tab behind others comes to the front for it and goes back.
 * @param {{id: number, frame: number}} picture
 * @param {number} tab
 * @param {number[]} frames all that may have badges
 * @returns {Promise<Shot>}
 */
export async function takeShot({id, frame}, tab, frames) {
	const {windowId} = await browser.tabs.get(tab);
	const [front] = await browser.tabs.query({active: true, windowId});
	const tell = (/** @type {number} */ frameId, /** @type {object} */ message) => browser.tabs.sendMessage(tab, message, {frameId}).catch(() => null);
	const veil = (/** @type {boolean} */ on) => Promise.all([...new Set([...frames, frame])].map(each => tell(each, {name: 'veil', on})));
	const pose = async () => await tell(frame, {name: 'pose', id}) ?? {error: 'not_shot_gone'};
	try {
		await (front?.id === tab || browser.tabs.update(tab, {active: true}));
		await veil(true);
		const before = await pose();
		const image = before.error ? '' : await photograph(windowId);
		const after = await pose();
		// What was scrolled or exchanged meanwhile is not what was measured.
		const error = before.error ?? (JSON.stringify(before) === JSON.stringify(after) ? null : after.error ?? 'not_shot_moved');
		if (error) {
			throw new ImageError(error);
		}
		return {bytes: await crop(image, before), part: before.part};
	} finally {
		await veil(false);
		await (front?.id === undefined || front.id === tab || browser.tabs.update(front.id, {active: true}).catch(() => {}));
	}
}

/** The window's tab in front, as a data: URL. @param {number} windowId */
async function photograph(windowId) {
	try {
		return await browser.tabs.captureVisibleTab(windowId, {format: 'png'});
	} catch {
		// A right to single sites is not enough for it: to all, or to this page by a press of our button.
		throw new ImageError(await browser.permissions.contains(EVERYWHERE) ? 'not_shot_failed' : 'not_shot_permission');
	}
}

/**
 * Cut a picture out of a shot, rounded inwards: no pixel beside it may come along.
 * @param {string} url of the shot, data:image/png;base64,…
 * @param {{box: Box, width: number}} place box in CSS pixels; width: the viewport's, from which the screen's own pixels follow
 */
async function crop(url, {box, width}) {
	const whole = await createImageBitmap(new Blob([Uint8Array.fromBase64(url.slice(url.indexOf(',') + 1))]));
	const scale = whole.width / width;
	const [left, top] = [box.left, box.top].map(at => Math.max(0, Math.ceil(at * scale)));
	const [right, bottom] = [Math.min(whole.width, Math.floor(box.right * scale)), Math.min(whole.height, Math.floor(box.bottom * scale))];
	if (right <= left || bottom <= top) {
		throw new ImageError('not_shot_hidden');
	}
	const canvas = new OffscreenCanvas(right - left, bottom - top);
	canvas.getContext('2d')?.drawImage(whole, -left, -top);
	whole.close();
	return (await canvas.convertToBlob({type: 'image/png'})).arrayBuffer();
}
