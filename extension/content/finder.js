/** Which pictures are there: found, near the viewport, changed, removed. It reads the page and writes nothing. */

'use strict';

{
	// How far outside the viewport a picture is worth looking at.
	const MARGIN = '256px';
	const SOURCES = new Set(['src', 'srcset', 'sizes', 'media', 'href', 'poster', 'data', 'type']);
	const STYLES = new Set(['style', 'class']);
	const ATTRIBUTES = [...SOURCES, ...STYLES, 'hidden', 'open', 'popover'];
	// An element may get a shadow root without any mutation that we could see, and a style by any rule.
	const WALK_MS = 5000;
	const STYLES_EVERY = 4;
	const EVENTS = ['load', 'error', 'play', 'seeking', 'emptied', 'enterpictureinpicture', 'leavepictureinpicture'];

	/**
	 * @typedef {object} Listener
	 * @property {(image: Element) => void} near it may have come, grown or changed
	 * @property {(image: Element) => void} far
	 * @property {(image: Element) => void} loaded its file came, wherever it is
	 * @property {(image: Element) => void} source an attribute that chooses its file was written
	 * @property {() => Iterable<Element>} removed something was removed; returns the images that it knew and that are gone
	 * @property {(changed?: boolean) => void} moved something may have moved; changed: the page itself has, and not only the files it shows
	 * @property {() => void} wish the page says something to programs like ours
	 */

	/** Watches the document and its shadow trees until the signal aborts. */
	class Finder {
		/** @type {WeakSet<Node>} */
		#roots = new WeakSet();
		/** @type {WeakSet<Element>} */
		#known = new WeakSet();

		/** @param {Listener} listener @param {AbortSignal} signal */
		constructor(listener, signal) {
			this.listener = listener;
			this.signal = signal;
			this.walk = new touchstone.Walk((element, styles) => this.#visit(element, styles), signal);
			this.mutations = new MutationObserver(records => this.#mutated(records));
			this.views = new IntersectionObserver(entries => this.#crossed(entries), {rootMargin: MARGIN});
			this.sizes = new ResizeObserver(entries => {
				entries.forEach(({target}) => listener.near(target));
				listener.moved();
			});
			this.#watch(document);
			this.walk.all(document);
			this.#keepWalking();
			signal.addEventListener('abort', () => {
				[this.mutations, this.views, this.sizes].forEach(observer => observer.disconnect());
			});
		}

		#keepWalking() {
			let walks = 0;
			const walking = setInterval(() => {
				if (!document.hidden && this.walk.done) {
					const restyled = touchstone.rules.changed();
					this.walk.all(document, ++walks % STYLES_EVERY === 0 || restyled);
				}
			}, WALK_MS);
			// Other styles hold at another width.
			addEventListener('resize', () => this.walk.restyle(document.documentElement), {passive: true, signal: this.signal});
			this.signal.addEventListener('abort', () => clearInterval(walking));
		}

		/** @param {IntersectionObserverEntry[]} entries */
		#crossed(entries) {
			for (const {target, isIntersecting} of entries) {
				if (isIntersecting) {
					this.sizes.observe(target);
					this.listener.near(target);
				} else {
					this.sizes.unobserve(target);
					this.listener.far(target);
				}
			}
			this.listener.moved();
		}

		/** @param {MutationRecord[]} records */
		#mutated(records) {
			let [removed, changed] = [false, false];
			for (const {type, target, attributeName, addedNodes, removedNodes} of records) {
				if (addedNodes.length > 0) {
					this.walk.add(addedNodes);
				}
				removed ||= removedNodes.length > 0;
				changed ||= attributeName === null || !SOURCES.has(attributeName);
				if (type === 'attributes') {
					this.#changed(/** @type {Element} */ (target), /** @type {string} */ (attributeName));
				}
			}
			if (removed) {
				this.#release(this.listener.removed());
			}
			this.listener.moved(changed);
		}

		/** @param {Element} element @param {string} attribute */
		#changed(element, attribute) {
			if (SOURCES.has(attribute)) {
				// A video whose poster was taken away is no picture any more, and has to lose its badge.
				for (const image of this.#known.has(element) ? [element] : imagesOf(element)) {
					this.#observe(image);
					this.listener.source(image);
				}
			} else if (STYLES.has(attribute)) {
				if (this.#known.has(element) && touchstone.sources.isStyled(element)) {
					// Its badge must not outlive its picture.
					this.listener.loaded(element);
				}
				this.walk.restyle(element);
			}
		}

		/**
		 * Start anew with images that may come back: one that is back before the next frame has
		 * crossed nothing, and no observer would tell of it.
		 * @param {Iterable<Element>} images
		 */
		#release(images) {
			for (const image of images) {
				this.#known.delete(image);
				this.views.unobserve(image);
				this.sizes.unobserve(image);
			}
		}

		/** @param {Element} element @param {boolean} styles */
		#visit(element, styles) {
			const {sources} = touchstone;
			if (touchstone.layer.owns(element)) {
				// Its closed tree opens to us, and what we do ourselves is no change of the page.
				return;
			}
			if (touchstone.wishes.isDecline(element)) {
				this.listener.wish();
				return;
			}
			if (styles && this.#known.has(element) && sources.isStyled(element)) {
				// It may show another picture by now, or none.
				this.listener.loaded(element);
			} else if (sources.isPicture(element) || styles && sources.of(element)) {
				this.#observe(element);
			}
			const root = sources.shadowOf(element);
			if (root) {
				this.#watch(root);
				// Also when it is known: its images may be back with it.
				this.walk.all(root, styles);
			}
		}

		/** @param {Element} image */
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
			touchstone.layer.know(root);
			this.mutations.observe(root, {subtree: true, childList: true, attributes: true, attributeFilter: ATTRIBUTES});
			// These do not bubble and do not leave a shadow tree: captured at every root.
			for (const type of EVENTS) {
				root.addEventListener(type, event => this.#happened(/** @type {Element} */ (event.target)), {capture: true, passive: true, signal: this.signal});
			}
		}

		/** A file came, or a video began. @param {Element} element */
		#happened(element) {
			if (element.localName === 'link' || element.localName === 'style') {
				this.walk.restyle(document.documentElement);
			} else if (element.nodeType === Node.ELEMENT_NODE && touchstone.sources.isPicture(element)) {
				this.#observe(element);
				this.listener.loaded(element);
			}
		}
	}

	/** The images that an element is, or chooses the file of. @param {Element} element */
	function imagesOf(element) {
		if (touchstone.sources.isPicture(element)) {
			return [element];
		}
		const picture = element.localName === 'source' ? element.parentElement : null;
		return picture?.localName === 'picture' ? [...picture.querySelectorAll('img')] : [];
	}

	touchstone.finder = {start: (listener, signal) => void new Finder(listener, signal)};
}
