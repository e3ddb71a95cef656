/** Which part of a picture nothing of the page lies over: asked point by point, on a person's request only. It writes nothing. */

'use strict';

{
	// Between two points that are asked what lies there, in CSS pixels; no more steps than this to a side.
	const STEP = 8;
	const MOST = 64;
	const ANCESTORS = 6;
	const OURS = 'touchstone-badges';
	const SVG = 'http://www.w3.org/2000/svg';
	const REPLACED = new Set(['img', 'video', 'canvas', 'iframe', 'object', 'embed', 'input', 'select', 'textarea', 'button', 'svg']);

	/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
	/** @typedef {{frame: Element, x: number, y: number, scaleX: number, scaleY: number}} Level where a frame's own 0, 0 lies in the frame around it */

	/**
	 * The largest rectangle within a box of a picture that is seen whole, with nothing over it.
	 * @param {Element} image
	 * @param {Box} box in the viewport of its frame
	 * @param {Level[]} levels the frames around
	 * @returns {Box}
	 */
	function free(image, box, levels) {
		const [width, height] = [box.right - box.left, box.bottom - box.top];
		const [columns, rows] = [width, height].map(length => Math.min(MOST, Math.ceil(length / STEP)));
		const covers = untouchable(image, box);
		/** @type {Map<Element, boolean>} */
		const known = new Map();
		const points = Array.from({length: rows + 1}, (_, row) => Array.from({length: columns + 1}, (_, column) =>
			// Half a pixel inwards: the outer edge itself belongs to what lies beside.
			isFree(image, box.left + 0.5 + (width - 1) * column / columns, box.top + 0.5 + (height - 1) * row / rows, {levels, covers, known})));
		const best = largest(points);
		return {
			left: box.left + width * best.left / columns, right: box.left + width * best.right / columns,
			top: box.top + height * best.top / rows, bottom: box.top + height * best.bottom / rows,
		};
	}

	/**
	 * @param {Element} image
	 * @param {number} x
	 * @param {number} y
	 * @param {{levels: Level[], covers: Box[], known: Map<Element, boolean>}} page known: which elements paint
	 */
	function isFree(image, x, y, {levels, covers, known}) {
		if (covers.some(({left, top, right, bottom}) => x >= left && x <= right && y >= top && y <= bottom) || !isSeen(image, x, y, known)) {
			return false;
		}
		let [outerX, outerY] = [x, y];
		return levels.every(level => {
			[outerX, outerY] = [level.x + outerX * level.scaleX, level.y + outerY * level.scaleY];
			return isSeen(level.frame, outerX, outerY, known);
		});
	}

	/** The largest rectangle of cells whose corners are all free, in cells. @param {boolean[][]} points row by row */
	function largest(points) {
		let best = {left: 0, top: 0, right: 0, bottom: 0, area: 0};
		/** How many cells above each other end in this row, column by column. @type {number[]} */
		const heights = [];
		for (let row = 1; row < points.length; row++) {
			for (let column = 1; column < points[row].length; column++) {
				const whole = points[row][column] && points[row][column - 1] && points[row - 1][column] && points[row - 1][column - 1];
				heights[column] = whole ? (heights[column] ?? 0) + 1 : 0;
			}
			for (let right = 1; right < points[row].length; right++) {
				let height = heights[right];
				for (let left = right; left > 0 && heights[left] > 0; left--) {
					height = Math.min(height, heights[left]);
					const area = height * (right - left + 1);
					if (area > best.area) {
						best = {left: left - 1, right, top: row - height, bottom: row, area};
					}
				}
			}
		}
		return best;
	}

	/**
	 * Whether a point shows an element, and nothing that paints lies over it there.
	 * @param {Element} element
	 * @param {number} x
	 * @param {number} y
	 * @param {Map<Element, boolean>} known
	 * @returns {boolean}
	 */
	function isSeen(element, x, y, known) {
		const root = /** @type {Document | ShadowRoot} */ (element.getRootNode());
		const untouched = getComputedStyle(element).pointerEvents === 'none';
		for (const found of root.elementsFromPoint(x, y)) {
			if (found === element || untouched && found.contains(element)) {
				return root.nodeType === Node.DOCUMENT_NODE || isSeen(/** @type {ShadowRoot} */ (root).host, x, y, known);
			}
			const paints = found.localName !== OURS && found.getRootNode() === root && (known.get(found) ?? isPainted(found, element));
			known.set(found, paints);
			if (paints) {
				return false;
			}
		}
		return false;
	}

	/** Whether an element that lies over a picture is seen there. Of what the picture lies in, only a part before or after it can be. @param {Element} found @param {Element} image */
	function isPainted(found, image) {
		if (!found.checkVisibility({opacityProperty: true, visibilityProperty: true})) {
			return false;
		}
		const parts = ['::before', '::after'].map(part => getComputedStyle(found, part)).filter(({content}) => content !== 'none' && content !== 'normal');
		return parts.some(style => hasPaint(style) || /[^"]/.test(style.content)) || !found.contains(image) && (
			REPLACED.has(found.localName) || found.namespaceURI === SVG || hasPaint(getComputedStyle(found))
			|| [...found.childNodes].some(({nodeType, nodeValue}) => nodeType === Node.TEXT_NODE && nodeValue?.trim()));
	}

	/** @param {CSSStyleDeclaration} style */
	function hasPaint({backgroundColor, backgroundImage, backdropFilter = 'none', borderTopWidth, borderTopStyle}) {
		return backgroundImage !== 'none' || !/^(transparent|rgba\(.*, 0\))$/.test(backgroundColor)
			|| !['none', ''].includes(backdropFilter) || borderTopStyle !== 'none' && parseFloat(borderTopWidth) > 0;
	}

	/**
	 * The boxes over a picture that no point tells of: they let every click through.
	 * @param {Element} image
	 * @param {Box} box
	 */
	function untouchable(image, box) {
		const root = /** @type {Document | ShadowRoot} */ (image.getRootNode());
		/** @type {Box[]} */
		const covers = [];
		for (const element of root.querySelectorAll('*')) {
			const rect = element.getBoundingClientRect();
			const meets = rect.left < box.right && rect.right > box.left && rect.top < box.bottom && rect.bottom > box.top;
			if (meets && element.localName !== OURS && !element.contains(image) && getComputedStyle(element).pointerEvents === 'none'
				&& isAbove(element, image) && isPainted(element, image)) {
				covers.push(rect);
			}
		}
		// A heading that has the picture for its ground.
		for (const text of [...image.childNodes].filter(({nodeType, nodeValue}) => nodeType === Node.TEXT_NODE && nodeValue?.trim())) {
			const range = document.createRange();
			range.selectNode(text);
			covers.push(...range.getClientRects());
		}
		let [part, count] = [/** @type {Element | null} */ (image), 0];
		for (; part && count < ANCESTORS; part = part.parentElement, count++) {
			if (['::before', '::after'].some(name => isLaidOver(getComputedStyle(/** @type {Element} */ (part), name)))) {
				covers.push(part.getBoundingClientRect());
			}
		}
		return covers;
	}

	/** What comes later in the page lies above, unless a style says otherwise. @param {Element} element @param {Element} image */
	function isAbove(element, image) {
		const {zIndex} = getComputedStyle(element);
		const later = (image.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
		return Number(zIndex) > 0 || later && !(Number(zIndex) < 0);
	}

	/** @param {CSSStyleDeclaration} style of a part before or after */
	function isLaidOver(style) {
		const {content, position, pointerEvents, zIndex} = style;
		return content !== 'none' && content !== 'normal' && ['absolute', 'fixed'].includes(position) && pointerEvents === 'none'
			&& !(Number(zIndex) < 0) && (hasPaint(style) || /[^"]/.test(content));
	}

	touchstone.sight = {free};
}
