/** Keeps badges on their images: read all, then write all; only while something may move. */

'use strict';

{
	// How long after the last sign of movement every frame is worth a look.
	const LINGER_MS = 250;
	const SAFETY_MS = 1200;

	let until = 0;
	let running = false;
	let last = '';

	/** Follow everything that may move, until the signal aborts. @param {AbortSignal} signal */
	function start(signal) {
		const options = {capture: true, passive: true, signal};
		// Captured at the window: scroll events of inner scrollers do not bubble.
		for (const type of ['scroll', 'resize', 'transitionrun', 'transitionend', 'animationstart', 'animationend',
			'toggle', 'fullscreenchange', 'pointerup', 'keyup', 'load']) {
			addEventListener(type, kick, options);
		}
		for (const type of ['scroll', 'resize']) {
			visualViewport?.addEventListener(type, kick, options);
		}
		const safety = setInterval(() => {
			if (!document.hidden && touchstone.badges.all.size > 0) {
				touchstone.geometry.refresh();
				look(0);
			}
		}, SAFETY_MS);
		signal.addEventListener('abort', () => clearInterval(safety));
	}

	/** Something may move from now on. */
	function kick() {
		look(LINGER_MS);
	}

	/** Look at the next frame, and for so many ms at every one. @param {number} linger */
	function look(linger) {
		until = Math.max(until, performance.now() + linger);
		if (!running && touchstone.badges.all.size > 0) {
			running = true;
			requestAnimationFrame(frame);
		}
	}

	function frame() {
		touchstone.layer.keep();
		const places = read();
		write(places);
		// As long as anything does move (an animation without events), go on.
		const now = places.map(({place}) => place ? `${place.x},${place.y},${place.width}` : '').join(' ');
		if (now !== last) {
			last = now;
			until = performance.now() + LINGER_MS;
		}
		running = performance.now() < until && touchstone.badges.all.size > 0 && !document.hidden;
		if (running) {
			requestAnimationFrame(frame);
		}
	}

	/** Only near images: a long page has thousands, and those far away were hidden when they went. */
	function read() {
		const modals = touchstone.layer.modals();
		const places = [];
		for (const image of touchstone.pictures.near) {
			const badge = touchstone.badges.all.get(image);
			if (badge && image.isConnected) {
				places.push({badge, place: placeOf(image, modals)});
			}
		}
		return places;
	}

	/** @param {{badge: any, place: any}[]} places */
	function write(places) {
		for (const {badge, place} of places) {
			touchstone.badges.put(badge, place);
		}
		touchstone.card.follow();
	}

	/** @param {Element} image @param {Element[]} modals */
	function placeOf(image, modals) {
		const box = touchstone.geometry.visible(image, modals);
		if (!box) {
			return null;
		}
		const {GAP} = touchstone.badges;
		const rtl = getComputedStyle(image).direction === 'rtl';
		const x = rtl ? box.right - GAP - 12 : box.left + GAP + 12;
		const place = {x: box.left, y: box.top, width: box.right - box.left, rtl};
		const cover = touchstone.geometry.coverAt(image, x, box.top + GAP + 12);
		if (!cover) {
			return touchstone.wishes.giveWay(place, image, box.bottom);
		}
		// Below a bar that covers only the image's upper edge there may be room.
		const y = cover.getBoundingClientRect().bottom;
		const free = y + 2 * GAP + 24 < box.bottom && !touchstone.geometry.coverAt(image, x, y + GAP + 12);
		return free ? touchstone.wishes.giveWay({...place, y}, image, box.bottom) : null;
	}

	touchstone.tracker = {start, kick};
}
