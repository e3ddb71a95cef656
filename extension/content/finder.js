/** Which images are there: found, near the viewport, changed, removed. It reads the page and writes nothing. */

'use strict';

{
	// How far outside the viewport an image is worth looking at.
	const MARGIN = '256px';
	const SOURCES = new Set(['src', 'srcset', 'sizes', 'media']);
	const ATTRIBUTES = [...SOURCES, 'style', 'class', 'hidden', 'open', 'popover'];
	// An element may get a shadow root without any mutation that we could see.
	const WALK_MS = 5000;

	/**
	 * @typedef {object} Listener
	 * @property {(image: HTMLImageElement) => void} near it may have come, grown or changed
	 * @property {(image: HTMLImageElement) => void} far
	 * @property {(image: HTMLImageElement) => void} loaded its file came, wherever it is
	 * @property {(image: HTMLImageElement) => void} source an attribute that chooses its file was written
	 * @property {() => Iterable<HTMLImageElement>} removed something was removed; returns the images that it knew and that are gone
	 * @property {() => void} moved something may have moved
	 */

	/** Watches the document and its open shadow roots until the signal aborts. */
	class Finder {
		/** @type {Set<Node>} */
		#added = new Set();
		/** @type {WeakSet<Node>} */
		#roots = new WeakSet();
		/** @type {WeakSet<HTMLImageElement>} */
		#known = new WeakSet();
		#scheduled = false;

		/** @param {Listener} listener @param {AbortSignal} signal */
		constructor(listener, signal) {
			this.listener = listener;
			this.signal = signal;
			this.mutations = new MutationObserver(records => this.#mutated(records));
			this.views = new IntersectionObserver(entries => this.#crossed(entries), {rootMargin: MARGIN});
			this.sizes = new ResizeObserver(entries => {
				entries.forEach(({target}) => listener.near(/** @type {HTMLImageElement} */ (target)));
				listener.moved();
			});
			this.#watch(document);
			this.#walk(document);
			const walking = setInterval(() => document.hidden || idle(() => this.#walk(document)), WALK_MS);
			signal.addEventListener('abort', () => {
				clearInterval(walking);
				[this.mutations, this.views, this.sizes].forEach(observer => observer.disconnect());
			});
		}

		/** @param {IntersectionObserverEntry[]} entries */
		#crossed(entries) {
			for (const {target, isIntersecting} of entries) {
				const image = /** @type {HTMLImageElement} */ (target);
				if (isIntersecting) {
					this.sizes.observe(image);
					this.listener.near(image);
				} else {
					this.sizes.unobserve(image);
					this.listener.far(image);
				}
			}
			this.listener.moved();
		}

		/** @param {MutationRecord[]} records */
		#mutated(records) {
			let removed = false;
			for (const {type, target, attributeName, addedNodes, removedNodes} of records) {
				addedNodes.forEach(node => this.#added.add(node));
				removed ||= removedNodes.length > 0;
				if (type === 'attributes' && SOURCES.has(/** @type {string} */ (attributeName))) {
					imagesOf(/** @type {Element} */ (target)).forEach(this.listener.source);
				}
			}
			if (removed) {
				this.#release(this.listener.removed());
			}
			this.listener.moved();
			this.#schedule();
		}

		/**
		 * Start anew with images that may come back: one that is back before the next frame has
		 * crossed nothing, and no observer would tell of it.
		 * @param {Iterable<HTMLImageElement>} images
		 */
		#release(images) {
			for (const image of images) {
				this.#known.delete(image);
				this.views.unobserve(image);
				this.sizes.unobserve(image);
			}
		}

		/** Many mutations, one walk: a page that builds a long list must not pay for each row. */
		#schedule() {
			if (this.#scheduled || this.#added.size === 0) {
				return;
			}
			this.#scheduled = true;
			idle(() => {
				this.#scheduled = false;
				const batch = [...this.#added];
				this.#added.clear();
				batch.filter(node => node.isConnected).forEach(node => this.#walk(node));
			});
		}

		/** @param {Node} node */
		#walk(node) {
			const within = /** @type {Element} */ (node);
			if (!within.querySelectorAll || this.signal.aborted) {
				return;
			}
			for (const element of [within, ...within.querySelectorAll('*')]) {
				if (element.localName === 'img') {
					this.#observe(/** @type {HTMLImageElement} */ (element));
				}
				if (element.shadowRoot) {
					this.#watch(element.shadowRoot);
					// Also when it is known: its images may be back with it.
					this.#walk(element.shadowRoot);
				}
			}
		}

		/** @param {HTMLImageElement} image */
		#observe(image) {
			if (!this.#known.has(image)) {
				this.#known.add(image);
				this.views.observe(image);
			}
		}

		/** @param {Document | ShadowRoot} root */
		#watch(root) {
			if (this.#roots.has(root)) {
				return;
			}
			this.#roots.add(root);
			this.mutations.observe(root, {subtree: true, childList: true, attributes: true, attributeFilter: ATTRIBUTES});
			// `load` does not bubble and does not leave a shadow tree: captured at every root.
			const loaded = (/** @type {Event} */ {target}) => {
				const image = /** @type {HTMLImageElement} */ (target);
				if (image.localName === 'img') {
					this.#observe(image);
					this.listener.loaded(image);
				}
			};
			for (const type of ['load', 'error']) {
				root.addEventListener(type, loaded, {capture: true, passive: true, signal: this.signal});
			}
		}
	}

	/** The images that an element is, or chooses the file of. @param {Element} element */
	function imagesOf(element) {
		if (element.localName === 'img') {
			return [/** @type {HTMLImageElement} */ (element)];
		}
		const picture = element.localName === 'source' ? element.parentElement : null;
		return picture?.localName === 'picture' ? [...picture.querySelectorAll('img')] : [];
	}

	/** @param {() => void} work */
	function idle(work) {
		(globalThis.requestIdleCallback ?? setTimeout)(work, {timeout: 200});
	}

	touchstone.finder = {start: (listener, signal) => void new Finder(listener, signal)};
}
