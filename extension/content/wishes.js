/** What a page says of its own pictures to programs like ours: that it wishes no badges, and its own mark of Content Credentials. */

'use strict';

{
	/** A site's wish that no program adds marks of Content Credentials to its pages, as Adobe's own extension reads it. */
	const DECLINE = 'meta[name="CR-allow-UI-injection" i][content="false" i]';
	/** The elements of the public components that show the mark, and whatever is called so. */
	const MARKS = [
		...['cai-indicator', 'cai-popover', 'cai-tooltip', 'cai-icon', 'cai-icon-content-credentials', 'cr-pin', 'c2pa-indicator'],
		...['aria-label', 'title', 'alt'].flatMap(name => ['Content Credential', '内容凭证', '内容凭据'].map(words => `[${name}*="${words}" i]`)),
	].join();
	// A mark is small: what is larger is the picture with its mark, or an article about marks.
	const [LEAST, WIDEST, HIGHEST] = [8, 220, 64];
	const LOOK_MS = 5000;
	// Longer than the background waits.
	const HEAD_MS = 5000;

	/** @type {WeakRef<Element>[]} */
	let marks = [];
	let lookedAt = -Infinity;

	/** Of the whole page: a frame looks at the document at the top where it may; where not, the background tells it. */
	const declines = () => {
		try {
			return Boolean(top?.document.querySelector(DECLINE));
		} catch {
			return false;
		}
	};

	/** Tell the background, for the frames of other sites, as soon as the head of the document has been read. */
	async function say() {
		for (const end = performance.now() + HEAD_MS; !document.body && performance.now() < end;) {
			await new Promise(resolve => setTimeout(resolve, 50));
		}
		return declines();
	}

	/** @param {Element} element */
	const isDecline = element => element.localName === 'meta' && element.matches(DECLINE);

	/** Nearly every page has none, and then nothing more is done. */
	function look() {
		if (performance.now() - lookedAt > LOOK_MS) {
			lookedAt = performance.now();
			marks = touchstone.layer.all(MARKS).map(element => new WeakRef(element));
		}
	}

	/** The boxes of the page's own marks on an image. @param {Element} image @returns {DOMRect[]} */
	function marksOn(image) {
		look();
		if (marks.length === 0) {
			return [];
		}
		const {left, top, right, bottom} = image.getBoundingClientRect();
		return marks.flatMap(mark => mark.deref() ?? []).filter(element => element !== image && element.isConnected)
			.map(element => element.getBoundingClientRect()).filter(box => {
				const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
				return box.width >= LEAST && box.width <= WIDEST && box.height >= LEAST && box.height <= HIGHEST
					&& x > left && x < right && y > top && y < bottom;
			});
	}

	/**
	 * Give way to the page's own marks: end before one, else begin below it, else after it.
	 * @param {{x: number, y: number, width: number, rtl: boolean}} place where a badge may be, from its upper edge
	 * @param {Element} image
	 * @param {number} bottom of what is seen of the image
	 */
	function giveWay(place, image, bottom) {
		const {GAP} = touchstone.badges;
		const least = 24 + 2 * GAP;
		for (const mark of marksOn(image)) {
			const {x, y, width, rtl} = place;
			if (mark.top >= y + least || mark.bottom <= y + GAP / 2 || mark.left >= x + width || mark.right <= x) {
				continue;
			}
			const before = rtl ? x + width - mark.right : mark.left - x;
			const after = rtl ? mark.left - x : x + width - mark.right;
			if (before >= least) {
				place = {...place, x: rtl ? mark.right : x, width: before};
			} else if (mark.bottom + least <= bottom) {
				place = {...place, y: mark.bottom};
			} else if (after >= least) {
				place = {...place, x: rtl ? x : mark.right, width: after};
			}
		}
		return place;
	}

	touchstone.wishes = {declines, say, isDecline, marksOn, giveWay};
}
