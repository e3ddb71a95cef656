/** What is known of each image: its file, whether it was asked for, what the answer was. */

'use strict';

{
	// The smallest shown size that is worth a badge, in CSS pixels; half a pixel for rounding.
	const SMALLEST = 95.5;
	const TRIES = 5;

	/** @typedef {PictureFile} File */
	const {files} = touchstone;
	/** @type {Map<Element, File>} */
	const shown = new Map();
	/** @type {Set<Element>} */
	const near = new Set();
	const turns = new touchstone.Turns(consider);
	let [wait, changed] = [() => {}, () => {}];

	/** @param {{wait: () => void, changed: () => void}} listener the server cannot be asked now; the counts changed */
	function start(listener) {
		({wait, changed} = listener);
	}

	/** @param {Element} image */
	function come(image) {
		near.add(image);
		turns.add(image);
	}

	/** @param {Element} image */
	function leave(image) {
		near.delete(image);
		turns.drop(image);
		touchstone.badges.hide(image);
		const file = shown.get(image);
		if (file) {
			release(file);
		}
	}

	/** Take back the question that nobody near the viewport waits for. @param {File} file */
	function release(file) {
		if (file.state === 'asked' && ![...file.images].some(image => near.has(image))) {
			void touchstone.port.ask('cancel', touchstone.bytes.request(file));
		}
	}

	/** Look at an image again: it may show another file, or have become large enough. @param {Element} image */
	function consider(image) {
		const source = touchstone.sources.of(image);
		if (shown.get(image)?.source !== source) {
			forget(image);
		}
		if (!source || !near.has(image) || document.hidden || !isLarge(image.getBoundingClientRect())) {
			return;
		}
		const file = files.of(source, image);
		if (touchstone.sources.isStyled(image) && (isDecoration(file) || touchstone.geometry.isBuried(image))) {
			return;
		}
		file.images.add(image);
		shown.set(image, file);
		if (file.state === 'done') {
			touchstone.badges.show(image, file.view);
			changed();
		} else if (file.state === 'new') {
			void ask(file);
		}
	}

	/** @param {{width: number, height: number}} size */
	const isLarge = ({width, height}) => width >= SMALLEST && height >= SMALLEST;

	/** @param {File} file */
	async function ask(file) {
		file.state = 'asked';
		changed();
		const answer = await touchstone.port.ask('examine', {...touchstone.bytes.request(file), rank: touchstone.geometry.distance(file.images)});
		if (answer?.view) {
			// A person may have got a full answer meanwhile.
			void (file.state === 'asked' && settle(file, answer.view));
		} else if (answer?.cancelled) {
			file.state = 'new';
			file.images.forEach(consider);
		} else if (answer?.wait || ++file.tries >= TRIES) {
			file.state = 'waiting';
			wait();
		} else {
			// The worker was stopped while it worked; a new one is already there.
			setTimeout(() => files.holds(file) && ask(file), 500 * file.tries);
		}
	}

	/** @param {File} file @param {any} view */
	function settle(file, view) {
		Object.assign(file, {state: 'done', view});
		// A copy, for each is put in again; what turns out to be a decoration is not.
		[...file.images].forEach(image => {
			forget(image);
			consider(image);
		});
		changed();
	}

	/** A person had an image checked in another way: that is the answer now. @param {Element} image @param {any} view */
	function answer(image, view) {
		const file = shown.get(image);
		return file && settle(file, view);
	}

	/** The icons, lines and textures that styles draw are no pictures. @param {File} file */
	function isDecoration({view}) {
		const {report, failure} = view?.record ?? {};
		return report ? !isLarge(report) : failure?.code === 'unsupported_format';
	}

	/** Ask again for everything that had to wait. */
	function resume() {
		for (const file of files.all()) {
			if (file.state === 'waiting') {
				file.state = 'new';
				file.tries = 0;
				file.images.forEach(consider);
			}
		}
	}

	/** @param {Element} image */
	function forget(image) {
		const file = shown.get(image);
		if (!file) {
			return;
		}
		touchstone.badges.remove(image);
		shown.delete(image);
		file.images.delete(image);
		release(file);
		changed();
	}

	/** Drop images that were removed from the page, be it into a window of their own; returns them. @returns {Set<Element>} */
	function sweep() {
		const gone = new Set();
		for (const known of [shown.keys(), near]) {
			for (const image of known) {
				if (!image.isConnected || image.ownerDocument !== document) {
					gone.add(image);
				}
			}
		}
		for (const image of gone) {
			near.delete(image);
			forget(image);
		}
		return gone;
	}

	/** Look again at every image near the viewport. */
	function reconsider() {
		near.forEach(image => turns.add(image));
	}

	function clear() {
		near.clear();
		turns.clear();
		for (const file of files.all()) {
			release(file);
		}
		[files, shown, touchstone.badges.all].forEach(known => known.clear());
	}

	/** How many images show each label; `waiting` have none yet. */
	function counts() {
		/** @type {Record<string, number>} */
		const sum = {};
		for (const {view} of shown.values()) {
			const label = view?.label ?? 'waiting';
			sum[label] = (sum[label] ?? 0) + 1;
		}
		return sum;
	}

	touchstone.pictures = {near, start, come, leave, consider, reconsider, forget, sweep, resume, clear, counts, answer};
}
