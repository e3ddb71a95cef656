/** The files that the images of a page show: each once, by address and by id; the oldest that none shows any more are forgotten. */

'use strict';

{
	const KEEP = 500;
	const PRUNE_EVERY = 100;

	/** @typedef {PictureFile} File one file, however many images show it */
	/** @type {Map<string, File>} */
	const files = new Map();
	/** @type {Map<number, File>} */
	const byId = new Map();
	// Random for each document: the background must not join our question with the last page's.
	let lastId = Math.floor(Math.random() * 2 ** 52);
	let pruneAt = KEEP;

	/** The file of an address; a new one as the image that shows it may be read. @param {string} source @param {Element} image @returns {File} */
	function of(source, image) {
		const known = files.get(source);
		if (known) {
			return known;
		}
		/** @type {File} */
		const file = {id: ++lastId, source, state: 'new', ...touchstone.bytes.access(source, image), view: null, images: new Set(), tries: 0};
		// Before, for the new one has no image yet.
		prune();
		files.set(source, file);
		byId.set(file.id, file);
		return file;
	}

	/** An endless page must not fill the memory: forget the oldest answers that no image shows. */
	function prune() {
		if (files.size < pruneAt) {
			return;
		}
		const idle = [...files.values()].filter(({images}) => images.size === 0);
		for (const {source, id} of idle.slice(0, files.size - KEEP + 1)) {
			files.delete(source);
			byId.delete(id);
		}
		// Not for each new file: to find what is idle costs a look at all.
		pruneAt = Math.max(KEEP, files.size + PRUNE_EVERY);
	}

	/** Whether a file is still the one of its address. @param {File} file */
	const holds = file => files.get(file.source) === file;

	/** The file of an id that the background was told. @param {number} id */
	const find = id => byId.get(id);

	function clear() {
		files.clear();
		byId.clear();
		pruneAt = KEEP;
	}

	touchstone.files = {of, holds, find, clear, all: () => files.values()};
}
