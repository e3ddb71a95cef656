/** Where on the screen a picture can be seen with nothing over it, for a shot of its pixels. It writes nothing to the page. */

'use strict';

{
	// Less of a picture is not worth a check.
	const LEAST = 64;
	const LEAST_SHARE = 0.5;
	// Whoever asked may be gone: our badges must not stay away with them.
	const VEIL_MS = 10_000;
	const DRAWN_MS = 1000;

	/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
	/** @typedef {{frame: Element, x: number, y: number, scaleX: number, scaleY: number}} Level where a frame's own 0, 0 lies in the frame around it */
	/** @type {ReturnType<typeof setTimeout> | undefined} */
	let veiled;

	/** Take our own element out of sight, or bring it back; answers when that is drawn. @param {{on: boolean}} body */
	async function veil({on}) {
		clearTimeout(veiled);
		veiled = undefined;
		touchstone.layer.veil(on);
		if (on) {
			veiled = setTimeout(() => void veil({on: false}), VEIL_MS);
			// A frame out of sight draws nothing, and would never answer.
			await new Promise(resolve => {
				requestAnimationFrame(() => requestAnimationFrame(resolve));
				setTimeout(resolve, DRAWN_MS);
			});
		}
		return true;
	}

	/**
	 * The largest rectangle of a picture that nothing lies over, in CSS pixels of the tab's viewport, and how
	 * much of the picture that is; or why there is none.
	 * @param {{id: number}} body
	 */
	async function pose({id}) {
		const image = touchstone.findings.imageOf(id);
		const levels = around();
		if (!image?.isConnected) {
			return {error: 'not_shot_gone'};
		}
		if (veiled === undefined) {
			return {error: 'not_shot_failed'};
		}
		if (!levels) {
			return {error: 'not_shot_frame'};
		}
		if (!hasPicture(image)) {
			return {error: 'not_shot_nothing'};
		}
		const whole = picture(image);
		const inView = {
			left: Math.max(whole.left, 0), top: Math.max(whole.top, 0), right: Math.min(whole.right, innerWidth), bottom: Math.min(whole.bottom, innerHeight),
		};
		if (size(inView) < LEAST || document.hidden) {
			return {error: 'not_shot_hidden'};
		}
		const box = touchstone.sight.free(image, inView, levels);
		if (size(box) < LEAST || area(box) < LEAST_SHARE * area(inView)) {
			return {error: 'not_shot_covered'};
		}
		const {scale = 1, offsetLeft = 0, offsetTop = 0} = /** @type {Window} */ (top).visualViewport ?? {};
		const seen = outward(box, levels);
		return {
			box: {left: (seen.left - offsetLeft) * scale, top: (seen.top - offsetTop) * scale, right: (seen.right - offsetLeft) * scale, bottom: (seen.bottom - offsetTop) * scale},
			width: /** @type {Window} */ (top).innerWidth, part: Math.min(100, Math.round(100 * area(box) / area(whole))), source: touchstone.sources.of(image).slice(0, 300),
		};
	}

	/** Whether the page itself has the file; only an `img` says so. @param {Element} image */
	function hasPicture(image) {
		const {complete, naturalWidth} = /** @type {HTMLImageElement} */ (image);
		return naturalWidth === undefined || complete && naturalWidth > 0;
	}

	/** @param {Box} box */
	const area = ({left, top, right, bottom}) => Math.max(0, right - left) * Math.max(0, bottom - top);
	/** @param {Box} box */
	const size = ({left, top, right, bottom}) => Math.min(right - left, bottom - top);

	/** The frames around this one, from within; null if one belongs to another site, which does not say where it lies. @returns {Level[] | null} */
	function around() {
		const levels = [];
		try {
			for (let view = /** @type {Window} */ (window); view !== view.parent; view = view.parent) {
				const frame = /** @type {HTMLElement | null} */ (view.frameElement);
				if (!frame) {
					return null;
				}
				const {left, top, width, height} = frame.getBoundingClientRect();
				const [scaleX, scaleY] = [width / frame.offsetWidth, height / frame.offsetHeight];
				const {paddingLeft, paddingTop} = getComputedStyle(frame);
				levels.push({
					frame, scaleX, scaleY,
					x: left + (frame.clientLeft + parseFloat(paddingLeft)) * scaleX, y: top + (frame.clientTop + parseFloat(paddingTop)) * scaleY,
				});
			}
		} catch {
			return null;
		}
		return levels;
	}

	/** @param {Box} box @param {Level[]} levels @returns {Box} */
	function outward(box, levels) {
		return levels.reduce(({left, top, right, bottom}, {x, y, scaleX, scaleY}) => ({
			left: x + left * scaleX, top: y + top * scaleY, right: x + right * scaleX, bottom: y + bottom * scaleY,
		}), box);
	}

	/** The box of a picture's own pixels: without border and padding, and without what `object-fit` leaves free. @param {Element} image @returns {Box} */
	function picture(image) {
		const {left, top, width, height} = image.getBoundingClientRect();
		const html = /** @type {HTMLImageElement} */ (image);
		const style = getComputedStyle(image);
		const [scaleX, scaleY] = [width / (html.offsetWidth || width), height / (html.offsetHeight || height)];
		const edge = (/** @type {string} */ side) => touchstone.sources.isPicture(image)
			? parseFloat(style.getPropertyValue(`border-${side}-width`)) + parseFloat(style.getPropertyValue(`padding-${side}`)) || 0 : 0;
		const box = {
			left: left + edge('left') * scaleX, top: top + edge('top') * scaleY,
			right: left + width - edge('right') * scaleX, bottom: top + height - edge('bottom') * scaleY,
		};
		const {naturalWidth, naturalHeight} = html;
		const [x, y] = style.objectPosition.split(' ').map(part => part.endsWith('%') ? parseFloat(part) / 100 : NaN);
		if (!naturalWidth || !/contain|scale-down/.test(style.objectFit) || Number.isNaN(x + y)) {
			return box;
		}
		const [roomX, roomY] = [box.right - box.left, box.bottom - box.top];
		const fit = Math.min(roomX / naturalWidth, roomY / naturalHeight, style.objectFit === 'scale-down' ? scaleX : Infinity);
		const [freeX, freeY] = [roomX - naturalWidth * fit, roomY - naturalHeight * fit];
		return {left: box.left + freeX * x, top: box.top + freeY * y, right: box.right - freeX * (1 - x), bottom: box.bottom - freeY * (1 - y)};
	}

	touchstone.screen = {veil, pose, hasPicture};
}
