/** Keeps badges on their images: read all, then write all; only while something may move. */

'use strict';

{
	// How long after the last sign of movement every frame is worth a look.
	const LINGER_MS = 250;
	const SAFETY_MS = 1200;

	let until = 0;
	let running = false;
	/** Where each badge was. @type {WeakMap<object, string>} */
	const places = new WeakMap();

	/** Follow everything that may move, until the signal aborts. @param {AbortSignal} signal */
	function start(signal) {
		const options = {capture: true, passive: true, signal};
		// Captured at the window: scroll events of inner scrollers do not bubble.
		for (const type of ['scroll', 'resize', 'transitionrun', 'transitionend', 'animationstart', 'animationend',
			'toggle', 'fullscreenchange', 'pointerup', 'keyup']) {
			addEventListener(type, kick, options);
		}
		addEventListener('load', glance, options);
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

	/** Something is new, or may have moved at once: a page that is filled must not pay for many frames with each picture. */
	function glance() {
		look(0);
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
		const seen = read();
		write(seen);
		// As long as anything does move (an animation without events), go on. What is new has not moved.
		if (seen.filter(moved).length > 0) {
			until = performance.now() + LINGER_MS;
		}
		running = performance.now() < until && touchstone.badges.all.size > 0 && !document.hidden;
		if (running) {
			requestAnimationFrame(frame);
		}
	}

	/** @param {{badge: any, place: any}} one */
	function moved({badge, place}) {
		const before = places.get(badge);
		const now = place ? `${place.x},${place.y},${place.width}` : '';
		places.set(badge, now);
		return before !== undefined && before !== now;
	}

	/** Only near images: a long page has thousands, and those far away were hidden when they went. */
	function read() {
		const modals = touchstone.layer.modals();
		const seen = [];
		for (const image of touchstone.pictures.near) {
			const badge = touchstone.badges.all.get(image);
			if (badge && image.isConnected) {
				seen.push({badge, place: placeOf(image, modals)});
			}
		}
		return seen;
	}

	/** @param {{badge: any, place: any}[]} seen */
	function write(seen) {
		for (const {badge, place} of seen) {
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

	touchstone.tracker = {start, kick, glance};
}
