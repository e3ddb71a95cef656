/** What lies over each picture where its badge goes. The browser answers that dearly: few are asked in a frame, and answers are kept until something may have changed. */

'use strict';

{
	// So many pictures in one frame, and no longer than so.
	const MOST = 24;
	const BUDGET_MS = 4;
	// A picture that moves is asked again after so long, and at once where it meets a bar that is known.
	const KEPT_MS = 200;
	// What no sign tells of, a style of what is pointed at, is noticed after so long.
	const OLD_MS = 5000;
	const BARS = 8;
	// The height of a badge.
	const HEIGHT = 24;

	/** @typedef {{left: number, top: number, right: number, bottom: number}} Box */
	/** @typedef {{image: Element, box: Box, x: number}} Spot a picture, what is seen of it, and the middle of its badge */
	/** @typedef {{x: number, y: number, at: number, turn: number, from: number | null}} Answer from: the height below which nothing covers it; null: it is covered */

	/** @type {WeakMap<Element, Answer>} */
	const answers = new WeakMap();
	/** The pictures whose answer is due, and had no turn yet. @type {Set<Element>} */
	const waiting = new Set();
	/** What has covered pictures and stays where it is. @type {WeakRef<Element>[]} */
	let bars = [];
	let turn = 0;

	/** The page may have changed: what is known holds until it was asked again. */
	function age() {
		turn++;
	}

	/** Ask for those of which least is known, as many as a frame has time for. @param {Spot[]} spots */
	function ask(spots) {
		const now = performance.now();
		const boxes = bars.flatMap(bar => bar.deref()?.getBoundingClientRect() ?? []);
		const due = spots.map(spot => ({spot, answer: answers.get(spot.image), need: needOf(spot, boxes, now)})).filter(({need}) => need > 0)
			.sort((a, b) => b.need - a.need || (a.answer?.at ?? 0) - (b.answer?.at ?? 0));
		waiting.clear();
		let asked = 0;
		for (const {spot, need} of due) {
			if (need >= 1 && asked < MOST && (asked === 0 || performance.now() - now < BUDGET_MS)) {
				asked++;
				answers.set(spot.image, look(spot, now));
			} else {
				waiting.add(spot.image);
			}
		}
	}

	/** 0: its answer holds; below 1: not yet to be asked; the more, the sooner. @param {Spot} spot @param {Box[]} boxes @param {number} now */
	function needOf({image, box, x}, boxes, now) {
		const answer = answers.get(image);
		const y = middle(box.top);
		if (!answer) {
			return 3;
		}
		const old = answer.turn !== turn || now - answer.at > OLD_MS;
		if (answer.x === x && answer.y === y) {
			return old ? 1 : 0;
		}
		const under = boxes.some(({left, top, right, bottom}) => x > left && x < right && y > top && y < bottom);
		return under !== (answer.from !== -Infinity) ? 2 : old || now - answer.at > KEPT_MS ? 1 : 0.5;
	}

	/** @param {number} top of what is free */
	const middle = top => top + touchstone.badges.GAP + HEIGHT / 2;

	/** @param {Spot} spot @param {number} at @returns {Answer} */
	function look({image, box, x}, at) {
		const y = middle(box.top);
		const answer = {x, y, at, turn, from: /** @type {number | null} */ (-Infinity)};
		const cover = touchstone.geometry.coverAt(image, x, y);
		if (cover) {
			remember(cover);
			// Below a bar that covers only the image's upper edge there may be room.
			const {bottom} = cover.getBoundingClientRect();
			answer.from = hasRoom(bottom, box) && touchstone.geometry.coverAt(image, x, middle(bottom)) ? null : bottom;
		}
		return answer;
	}

	/** @param {Element} cover */
	function remember(cover) {
		if (bars.every(bar => bar.deref() !== cover)) {
			bars = [new WeakRef(cover), ...bars.filter(bar => bar.deref()?.isConnected)].slice(0, BARS);
		}
	}

	/** @param {number} from @param {Box} box */
	const hasRoom = (from, box) => from + 2 * touchstone.badges.GAP + HEIGHT < box.bottom;

	/** The upper edge of what is free of a picture, as far as it is known; null if nothing is, or nothing is known yet. @param {Spot} spot */
	function free({image, box}) {
		const from = answers.get(image)?.from ?? null;
		return from === null ? null : from <= box.top ? box.top : hasRoom(from, box) ? from : null;
	}

	touchstone.covers = {age, ask, free, waiting};
}
