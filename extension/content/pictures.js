/** What is known of each image: its file, whether it was asked for, what the answer was. */

'use strict';

{
	// The smallest shown size that is worth a badge, in CSS pixels; half a pixel for rounding.
	const SMALLEST = 95.5;
	const TRIES = 5;
	const KEEP = 500;

	/**
	 * One file, however many images show it.
	 * @typedef {{id: number, source: string, state: 'new' | 'asked' | 'waiting' | 'done', own: boolean, loaded: boolean, named: boolean,
	 *   credentials: RequestCredentials, view: any, images: Set<Element>, tries: number}} File
	 */
	/** @type {Map<string, File>} */
	const files = new Map();
	/** @type {Map<Element, File>} */
	const shown = new Map();
	/** @type {Set<Element>} */
	const near = new Set();
	// Random for each document: the background must not join our question with the last page's.
	let lastId = Math.floor(Math.random() * 2 ** 52);
	let [wait, changed] = [() => {}, () => {}];

	/** @param {{wait: () => void, changed: () => void}} listener the server cannot be asked now; the counts changed */
	function start(listener) {
		({wait, changed} = listener);
	}

	/** @param {Element} image */
	function come(image) {
		near.add(image);
		consider(image);
	}

	/** @param {Element} image */
	function leave(image) {
		near.delete(image);
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
		const file = files.get(source) ?? add(source, image);
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

	/** @param {string} source @param {Element} image @returns {File} */
	function add(source, image) {
		/** @type {File} */
		const file = {id: ++lastId, source, state: 'new', ...touchstone.bytes.access(source, image), view: null, images: new Set(), tries: 0};
		// Before, for the new one has no image yet.
		prune();
		files.set(source, file);
		return file;
	}

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
			setTimeout(() => files.get(file.source) === file && ask(file), 500 * file.tries);
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
		for (const file of files.values()) {
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

	/** An endless page must not fill the memory: forget the oldest answers that no image shows. */
	function prune() {
		const idle = files.size < KEEP ? [] : [...files.values()].filter(({images}) => images.size === 0);
		idle.slice(0, files.size - KEEP + 1).forEach(({source}) => files.delete(source));
	}

	/** Drop images that were removed from the page, be it into a window of their own; returns them. */
	function sweep() {
		const gone = [...new Set([...shown.keys(), ...near])].filter(image => !image.isConnected || image.ownerDocument !== document);
		for (const image of gone) {
			near.delete(image);
			forget(image);
		}
		return gone;
	}

	/** Look again at every image near the viewport. */
	function reconsider() {
		near.forEach(consider);
	}

	function clear() {
		[...shown.keys()].forEach(forget);
		files.clear();
		near.clear();
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

	/** The file of an id that the background was told. @param {number} id */
	const find = id => [...files.values()].find(file => file.id === id);

	touchstone.pictures = {near, start, come, leave, consider, reconsider, forget, sweep, resume, clear, counts, answer, find};
}
