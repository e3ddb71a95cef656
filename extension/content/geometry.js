/** Where the visible part of an image is. It reads layout and writes nothing. */

'use strict';

{
	const SMALLEST = 95.5;
	// Less of an image than this carries no badge.
	const LEAST_VISIBLE = 40;
	const STACKED = new Set(['img', 'video', 'canvas', 'iframe']);

	/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
	/** @type {WeakMap<Element, Element[]>} */
	let clips = new WeakMap();
	/** Whose words run from right to left. @type {WeakMap<Element, boolean>} */
	let directions = new WeakMap();

	/**
	 * The part of an image's box that its ancestors and the viewport leave to be seen; null if none.
	 * @param {Element} image
	 * @param {{modals: Element[], boxes: Map<Element, Box>}} frame boxes: of what clips, read once for all images
	 */
	function visible(image, {modals, boxes}) {
		const whole = image.getBoundingClientRect();
		// The cheap questions first: most badges of a long page are far away.
		if (whole.width < SMALLEST || whole.height < SMALLEST || whole.bottom < 0 || whole.top > innerHeight) {
			return null;
		}
		const behind = modals.length > 0 && !modals.some(modal => contains(modal, image));
		if (behind || !isShown(image)) {
			return null;
		}
		/** @type {Box} */
		let box = {left: 0, top: 0, right: document.documentElement.clientWidth || innerWidth, bottom: innerHeight};
		box = meet(box, whole);
		for (const clipper of clippers(image)) {
			const part = boxes.get(clipper) ?? inner(clipper);
			boxes.set(clipper, part);
			box = meet(box, part);
		}
		return box.right - box.left < LEAST_VISIBLE || box.bottom - box.top < LEAST_VISIBLE ? null : box;
	}

	/** What two boxes have in common. @param {Box} one @param {Box} other @returns {Box} */
	function meet(one, other) {
		return {
			left: Math.max(one.left, other.left), top: Math.max(one.top, other.top),
			right: Math.min(one.right, other.right), bottom: Math.min(one.bottom, other.bottom),
		};
	}

	/** @param {Element} image */
	function isRtl(image) {
		const rtl = directions.get(image) ?? getComputedStyle(image).direction === 'rtl';
		directions.set(image, rtl);
		return rtl;
	}

	/** @param {Element} element */
	function isShown(element) {
		return element.checkVisibility({opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true});
	}

	/** Whether other pictures lie on what a style draws: a preview below the picture, or a frame around it. @param {Element} element */
	function isBuried(element) {
		const {left, top, right, bottom} = element.getBoundingClientRect();
		const [x, y] = [(left + right) / 2, (top + bottom) / 2];
		return x > 0 && x < innerWidth && y > 0 && y < innerHeight && coverAt(element, x, y) !== null;
	}

	/** The ancestors that cut off what hangs over. @param {Element} image */
	function clippers(image) {
		const known = clips.get(image);
		if (known) {
			return known;
		}
		/** @type {Element[]} */
		const found = [];
		let {position} = getComputedStyle(image);
		for (let element = parentOf(image); element && position !== 'fixed'; element = parentOf(element)) {
			const style = getComputedStyle(element);
			// An absolute box is not cut off by ancestors that are not its containing block.
			const holds = position !== 'absolute' || style.position !== 'static' || style.transform !== 'none';
			if (holds) {
				({position} = style);
				if (`${style.overflowX}${style.overflowY}` !== 'visiblevisible' && element !== document.documentElement && element !== document.body) {
					found.push(element);
				}
			}
		}
		clips.set(image, found);
		return found;
	}

	/** An element's box without its border and scroll bars. @param {Element} element @returns {Box} */
	function inner(element) {
		const {left, top, width, height} = element.getBoundingClientRect();
		const html = /** @type {HTMLElement} */ (element);
		// A transform may scale the box: client sizes are those before it.
		const [scaleX, scaleY] = [width / (html.offsetWidth || width) || 1, height / (html.offsetHeight || height) || 1];
		const x = left + element.clientLeft * scaleX;
		const y = top + element.clientTop * scaleY;
		return {left: x, top: y, right: x + element.clientWidth * scaleX, bottom: y + element.clientHeight * scaleY};
	}

	/** How far the nearest of some images is from the viewport, in steps of 100 px; 0 within it. @param {Iterable<Element>} images */
	function distance(images) {
		const distances = [...images].map(image => {
			const {top, bottom} = image.getBoundingClientRect();
			return Math.max(0, -bottom, top - innerHeight);
		});
		return Math.floor(Math.min(...distances) / 100);
	}

	/** Forget which ancestors clip, and which way words run: styles may have changed. */
	function refresh() {
		clips = new WeakMap();
		directions = new WeakMap();
	}

	/**
	 * What hides an image at a point: a bar that stays while the page scrolls, or another picture.
	 * @param {Element} image
	 * @param {number} x
	 * @param {number} y
	 */
	function coverAt(image, x, y) {
		for (const element of document.elementsFromPoint(x, y)) {
			if (contains(element, image)) {
				return null;
			}
			if (!touchstone.layer.owns(element) && covers(element, image)) {
				return element;
			}
		}
		return null;
	}

	/** @param {Element} element @param {Element} image */
	function covers(element, image) {
		// Some sites draw a picture as a background, and lay an image of no opacity on it.
		if (STACKED.has(element.localName) && element.clientWidth >= SMALLEST && isShown(element)) {
			// A transparent pixel stretched over a picture hides nothing.
			const {complete, naturalWidth} = /** @type {HTMLImageElement} */ (element);
			// One that is still to come will hide it.
			return element.localName !== 'img' || !complete || naturalWidth > 8;
		}
		return isPainted(element) && stays(element, image);
	}

	/** @param {Element} element */
	function isPainted(element) {
		const {backgroundColor, backgroundImage} = getComputedStyle(element);
		return backgroundImage !== 'none' || !/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor);
	}

	/** Whether an element, or what it lies in, is fixed or sticky. @param {Element} element @param {Element} image */
	function stays(element, image) {
		for (let at = /** @type {Element | null} */ (element); at && !contains(at, image); at = parentOf(at)) {
			if (['fixed', 'sticky'].includes(getComputedStyle(at).position)) {
				return true;
			}
		}
		return false;
	}

	/** @param {Element} outer @param {Element} inside */
	function contains(outer, inside) {
		for (let at = /** @type {Element | null} */ (inside); at; at = parentOf(at)) {
			if (at === outer) {
				return true;
			}
		}
		return false;
	}

	/** The parent in the tree that is drawn, out of shadow trees. @param {Element} element @returns {Element | null} */
	function parentOf(element) {
		const parent = element.assignedSlot ?? element.parentNode;
		return /** @type {Element | null} */ (parent?.nodeType === Node.DOCUMENT_FRAGMENT_NODE
			? /** @type {ShadowRoot} */ (parent).host : element.assignedSlot ?? element.parentElement);
	}

	touchstone.geometry = {visible, isRtl, coverAt, isBuried, distance, refresh};
}
