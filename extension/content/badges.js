/** The badges: one button for each image that has an answer. */

'use strict';

{
	const SVG = 'http://www.w3.org/2000/svg';
	// Each label has its own mark (16 × 16), so that no meaning is in the colour alone.
	const MARKS = {
		ai_generated: 'M8 0C8.7 5 11 7.300 16 8 11 8.700 8.700 11 8 16 7.300 11 5 8.700 0 8 5 7.300 7.300 5 8 0Z',
		ai_edited: 'M8 0V16C7.300 11 5 8.700 0 8 5 7.300 7.300 5 8 0ZM10 4.500H15V6H10ZM11.500 7.250H15V8.750H11.500ZM10 10H15V11.500H10Z',
		possibly_ai: 'M8 0C8.700 5 11 7.300 16 8 11 8.700 8.700 11 8 16 7.300 11 5 8.700 0 8 5 7.300 7.300 5 8 0ZM8 4.500C7.400 6.500 6.500 7.400 4.500 8 6.500 8.600 7.400 9.500 8 11.500 8.600 9.500 9.500 8.600 11.500 8 9.500 7.400 8.600 6.500 8 4.500Z',
		suspected_ai: 'M4 5.500C4 2.500 5.800 1 8.100 1 10.600 1 12.200 2.500 12.200 4.700 12.200 7.800 9 7.900 9 10.700H6.900C6.900 7.200 10 7 10 4.900 10 3.700 9.200 3 8.100 3 6.900 3 6.100 3.900 6.100 5.500ZM6.800 12.600H9.200V15H6.800Z',
		invalid_credential: 'M8 .6 15.800 14.800H.2ZM7.100 5.500V10H8.900V5.500ZM7.100 11.200V13H8.900V11.200Z',
		captured: 'M5.500 2H10.500L11.700 4H14.500V14H1.500V4H4.300ZM8 5.800A3.200 3.200 0 1 0 8 12.200 3.200 3.200 0 1 0 8 5.800ZM8 7.500A1.500 1.500 0 1 1 8 10.500 1.500 1.500 0 1 1 8 7.500Z',
		unlabeled: 'M8 3A5 5 0 1 0 8 13 5 5 0 1 0 8 3ZM8 5.200A2.800 2.800 0 1 1 8 10.800 2.800 2.800 0 1 1 8 5.200Z',
		not_checked: 'M2.500 6.800H13.500V9.200H2.500Z',
	};
	// From the whole words to the mark alone: the first that fits the image is shown.
	const SIZES = ['whole', 'short', 'tight', 'mark'];
	// What stays a mark until a person points at it, and what is worth a badge where few are wanted.
	const QUIET = ['unlabeled', 'not_checked'];
	const LOUD = ['ai_generated', 'ai_edited', 'possibly_ai', 'suspected_ai'];
	// Between the edge of the image and the badge; on a narrow image less.
	const GAP = 8;
	const NARROW_GAP = 4;

	/** @typedef {{image: Element, view: any, button: HTMLButtonElement | null, x: number, y: number, asked: boolean}} Badge button: none until it is seen */
	/** @typedef {Badge & {button: HTMLButtonElement}} Drawn */
	/** @type {Map<Element, Badge>} */
	const badges = new Map();
	/** @type {Map<string, number[]>} */
	const measured = new Map();
	/** @type {WeakMap<EventTarget, Badge>} */
	const byButton = new WeakMap();

	/** Show what is known of an image, in place of what was shown. @param {Element} image @param {any} view */
	function show(image, view) {
		if (badges.get(image)?.view === view) {
			return;
		}
		remove(image);
		badges.set(image, {image, view, button: null, x: 0, y: 0, asked: false});
		touchstone.tracker.place(image);
	}

	/** One for all: a page may have thousands. @param {Event} event */
	function pressed(event) {
		const badge = byButton.get(/** @type {EventTarget} */ (event.currentTarget));
		event.stopPropagation();
		if (badge) {
			touchstone.card.toggle(badge.image, badge);
		}
	}

	/** Make its element, which one far from the viewport has none of. @param {Badge} badge */
	function draw(badge) {
		const {view} = badge;
		const button = document.createElement('button');
		button.type = 'button';
		// A page may have hundreds: reachable by pointer and by assistive technology, no stop of the Tab key.
		button.tabIndex = -1;
		button.className = `badge ${view.label}`;
		button.toggleAttribute('data-quiet', QUIET.includes(view.label) && view.density !== 'full');
		button.setAttribute('aria-label', view.action);
		button.setAttribute('aria-haspopup', 'dialog');
		const word = document.createElement('span');
		word.className = 'word';
		button.append(mark(/** @type {keyof typeof MARKS} */ (view.label)), word);
		button.addEventListener('click', pressed);
		byButton.set(button, badge);
		badge.button = button;
		touchstone.layer.open().append(button);
		return button;
	}

	/** @param {keyof typeof MARKS} label */
	function mark(label) {
		const svg = document.createElementNS(SVG, 'svg');
		svg.setAttribute('viewBox', '0 0 16 16');
		svg.setAttribute('aria-hidden', 'true');
		const path = document.createElementNS(SVG, 'path');
		path.setAttribute('d', MARKS[label] ?? MARKS.not_checked);
		path.setAttribute('fill', 'currentcolor');
		path.setAttribute('fill-rule', 'evenodd');
		svg.append(path);
		return svg;
	}

	/**
	 * The badge's width in each size, once for each label.
	 * @param {HTMLButtonElement} button
	 * @param {any} view
	 */
	function widthsOf(button, view) {
		const known = measured.get(keyOf(button, view));
		if (known) {
			return known;
		}
		button.classList.add('measured');
		const widths = SIZES.map(size => {
			setSize(button, view, size);
			return button.offsetWidth;
		});
		button.classList.remove('measured');
		// A frame that is not shown has no widths to remember.
		if (widths[0] > 0) {
			measured.set(keyOf(button, view), widths);
		}
		return widths;
	}

	/** A quiet badge is narrower than the same words. @param {HTMLButtonElement} button @param {any} view */
	function keyOf(button, view) {
		return `${view.name}/${button.hasAttribute('data-quiet')}`;
	}

	/** @param {HTMLButtonElement} button @param {any} view @param {string} size */
	function setSize(button, view, size) {
		if (button.dataset.size !== size) {
			button.dataset.size = size;
			/** @type {Node} */ (button.lastChild).textContent = size === 'whole' ? view.name : view.short;
		}
	}

	/**
	 * Put a badge where its image is; null hides it.
	 * @param {Badge} badge
	 * @param {{x: number, y: number, width: number, rtl: boolean} | null} free
	 */
	function put(badge, free) {
		const place = isWanted(badge) ? free : null;
		const button = badge.button ?? (place && draw(badge));
		// Written only when it changed: a write costs, and this is every frame.
		if (button && button.hidden === Boolean(place)) {
			button.hidden = !place;
		}
		if (!place || !button) {
			return;
		}
		const widths = widthsOf(button, badge.view);
		const fits = SIZES.findIndex((size, at) => place.width - 2 * gapOf(size) >= widths[at]);
		const at = fits < 0 ? SIZES.length - 1 : fits;
		setSize(button, badge.view, SIZES[at]);
		const gap = gapOf(SIZES[at]);
		// A quiet one that is pointed at is wider.
		const width = place.rtl && button.matches(':hover, :focus-visible') ? button.offsetWidth : widths[at];
		const [x, y] = [place.rtl ? place.x + place.width - gap - width : place.x + gap, place.y + gap];
		if (x !== badge.x || y !== badge.y || !button.style.transform) {
			[badge.x, badge.y] = [x, y];
			button.style.transform = `translate(${x}px, ${y}px)`;
		}
	}

	/** Whoever asks for one in the list sees it, however few are wanted. @param {Badge} badge */
	function isWanted({view, asked}) {
		return asked || view.density !== 'minimal' || LOUD.includes(view.label);
	}

	/** @param {string} size */
	function gapOf(size) {
		return size === 'whole' || size === 'short' ? GAP : NARROW_GAP;
	}

	/** Its image has left the neighbourhood of the viewport: what is known stays, the element goes. @param {Element} image */
	function hide(image) {
		const badge = badges.get(image);
		const button = badge?.button;
		if (badge && button) {
			badge.button = null;
			touchstone.card.closeFor(image);
			button.remove();
		}
	}

	/** @param {Element} image */
	function remove(image) {
		hide(image);
		badges.delete(image);
	}

	/** The badges that are seen. @returns {Drawn[]} */
	function seen() {
		return /** @type {Drawn[]} */ ([...badges.values()].filter(({button}) => button && !button.hidden));
	}

	/** The badge that lies at a point. @param {number} x @param {number} y */
	function at(x, y) {
		return seen().find(({button}) => {
			const {left, top, right, bottom} = button.getBoundingClientRect();
			return x >= left && x < right && y >= top && y < bottom;
		});
	}

	touchstone.badges = {show, put, hide, remove, isWanted, seen, at, all: badges, GAP};
}
