/** Keeps badges on their images: read all, then write all; only while something may move. */

'use strict';

{
	// How long after the last sign of movement every frame is worth a look.
	const LINGER_MS = 250;
	const SAFETY_MS = 1200;
	// A page that loads, or changes at every frame, is not looked at for that at every frame.
	const GLANCE_MS = 100;
	const TURN_MS = 250;
	// After these something else may lie on top, or be a dialog.
	const TURNING = new Set(['resize', 'transitionend', 'animationend', 'toggle', 'fullscreenchange', 'pointerup', 'keyup']);

	let until = 0;
	let running = false;
	/** What the next frame has to look at: all that is near, what is in the top layer, what lies over all pictures. */
	let [wide, raised, turned] = [false, false, false];
	let [framedAt, glancedAt, turnedAt] = [-Infinity, -Infinity, -Infinity];
	/** The page has changed, too soon after the last time. */
	let owed = false;
	/** What waits for its time. @type {Record<'glance' | 'place', ReturnType<typeof setTimeout> | undefined>} */
	const later = {glance: undefined, place: undefined};
	/** Their badges are new. @type {Set<Element>} */
	const fresh = new Set();
	/** Where each image was seen. @type {WeakMap<Element, Box | null>} */
	const seenAt = new WeakMap();
	/** @type {Element[]} */
	let modals = [];

	/** Follow everything that may move, until the signal aborts. @param {AbortSignal} signal */
	function start(signal) {
		const options = {capture: true, passive: true, signal};
		// Captured at the window: scroll events of inner scrollers do not bubble.
		for (const type of ['scroll', 'transitionrun', 'animationstart', ...TURNING]) {
			addEventListener(type, moves, options);
		}
		addEventListener('load', () => glance(), options);
		for (const type of ['scroll', 'resize']) {
			visualViewport?.addEventListener(type, moves, options);
		}
		const safety = setInterval(() => {
			if (!document.hidden && touchstone.badges.all.size > 0) {
				touchstone.geometry.refresh();
				raised = true;
				look(0);
			}
		}, SAFETY_MS);
		signal.addEventListener('abort', () => {
			clearInterval(safety);
			Object.values(later).forEach(timer => clearTimeout(timer));
			Object.assign(later, {glance: undefined, place: undefined});
			[owed, modals] = [false, []];
			fresh.clear();
		});
	}

	/** @param {Event} event */
	function moves({type}) {
		if (TURNING.has(type)) {
			turn();
		}
		kick();
	}

	/** Something may move from now on. */
	function kick() {
		look(LINGER_MS);
	}

	/** The badge of an image is new: nothing else has to be looked at for it, and what comes one by one is drawn together. @param {Element} image */
	function place(image) {
		fresh.add(image);
		const wait = framedAt + GLANCE_MS - performance.now();
		later.place ??= setTimeout(() => {
			later.place = undefined;
			run();
		}, Math.max(0, wait));
	}

	/** Something may have moved at once, or if it `changed` lie on top now: a page that is filled must not pay for a look with each picture. @param {boolean} [changed] */
	function glance(changed = false) {
		if (touchstone.badges.all.size === 0) {
			return;
		}
		const now = performance.now();
		owed ||= changed;
		if (owed && now - turnedAt >= TURN_MS) {
			owed = false;
			turn();
		}
		const wait = glancedAt + GLANCE_MS - now;
		if (wait <= 0) {
			look(0);
		}
		if (wait > 0 || owed) {
			later.glance ??= setTimeout(() => {
				later.glance = undefined;
				glance();
			}, Math.max(wait, owed ? turnedAt + TURN_MS - now : 0));
		}
	}

	/** The page may have changed: what lies over what has to be asked again. */
	function turn() {
		turned = true;
	}

	/** Look at the next frame, and for so many ms at every one. @param {number} linger */
	function look(linger) {
		until = Math.max(until, performance.now() + linger);
		wide = true;
		run();
	}

	function run() {
		if (!running && touchstone.badges.all.size > 0) {
			running = true;
			requestAnimationFrame(frame);
		}
	}

	function frame() {
		const {layer, covers, badges, pictures} = touchstone;
		framedAt = performance.now();
		if (raised || turned) {
			layer.keep();
			modals = layer.modals();
		}
		if (turned) {
			turnedAt = framedAt;
			covers.age();
		}
		[raised, turned] = [false, false];
		const all = wide || framedAt < until;
		glancedAt = all ? framedAt : glancedAt;
		wide = false;
		const seen = read(all ? pictures.near : new Set([...fresh, ...covers.waiting]));
		fresh.clear();
		write(seen);
		// As long as anything does move (an animation without events), go on. What is new has not moved.
		if (seen.filter(moved).length > 0) {
			until = performance.now() + LINGER_MS;
		}
		running = (wide || performance.now() < until || covers.waiting.size > 0) && badges.all.size > 0 && !document.hidden;
		if (running) {
			requestAnimationFrame(frame);
		}
	}

	/** @param {{image: Element, box: Box | null}} one */
	function moved({image, box}) {
		const before = seenAt.get(image);
		seenAt.set(image, box);
		return before !== undefined && (before?.left !== box?.left || before?.top !== box?.top || before?.right !== box?.right);
	}

	/** Only near images: a long page has thousands, and those far away were hidden when they went. @param {Iterable<Element>} images */
	function read(images) {
		const {badges, pictures, geometry, covers} = touchstone;
		const frame = {modals, boxes: new Map()};
		const seen = [];
		for (const image of images) {
			const badge = badges.all.get(image);
			if (badge && image.isConnected && pictures.near.has(image)) {
				const box = badges.isWanted(badge) ? geometry.visible(image, frame) : null;
				seen.push({image, badge, spot: box && spotOf(image, box)});
			}
		}
		covers.ask(seen.flatMap(({spot}) => spot ?? []));
		return seen.map(({image, badge, spot}) => ({image, badge, box: spot && spot.box, place: spot && placeOf(image, spot)}));
	}

	/** @param {Element} image @param {Box} box */
	function spotOf(image, box) {
		const rtl = touchstone.geometry.isRtl(image);
		const {GAP} = touchstone.badges;
		return {image, box, rtl, x: rtl ? box.right - GAP - 12 : box.left + GAP + 12};
	}

	/** @param {Element} image @param {{image: Element, box: Box, rtl: boolean, x: number}} spot */
	function placeOf(image, spot) {
		const {box: {left, right, bottom}, rtl} = spot;
		const y = touchstone.covers.free(spot);
		return y === null ? null : touchstone.wishes.giveWay({x: left, y, width: right - left, rtl}, image, bottom);
	}

	/** @param {{badge: any, place: any}[]} seen */
	function write(seen) {
		for (const {badge, place} of seen) {
			touchstone.badges.put(badge, place);
		}
		touchstone.card.follow();
	}

	touchstone.tracker = {start, kick, glance, place};
}
