/** What the frame has found, for the panel and the popup's list: told, chosen, and shown when asked for. */

'use strict';

{
	// What a page says is read again after so long: the popup asks every few seconds.
	const SAID_MS = 20_000;
	// What may be done at once without a page noticing: words beside an image cost a look at the layout.
	const SLICE_MS = 4;
	// How long a badge may take to come into view with its image.
	const REVEAL_MS = 2000;

	/** @typedef {{id: number, source: string, own: boolean, loaded: boolean, named: boolean, credentials: RequestCredentials}} Handle */
	/** By image, as long as it shows the same file. @type {WeakMap<Element, Handle>} */
	const handles = new WeakMap();
	/** @type {Map<number, {image: WeakRef<Element>, handle: Handle}>} */
	const byId = new Map();
	/** What the page said of an image, and when. @type {WeakMap<Element, {at: number, sayings: any[]}>} */
	const said = new WeakMap();
	// Random for each document, as those of the files: the background must not confuse two documents.
	let lastId = Math.floor(Math.random() * 2 ** 52);
	/** Where the context menu was opened. @type {WeakRef<Element> | null} */
	let pointed = null;

	/** Remember the image under the pointer: the menu tells the background only an address. @param {AbortSignal} signal */
	function start(signal) {
		addEventListener('contextmenu', event => {
			const image = event.composedPath().find(node => node instanceof Element && touchstone.sources.isPicture(node));
			pointed = image ? new WeakRef(/** @type {Element} */ (image)) : null;
		}, {capture: true, passive: true, signal});
		signal.addEventListener('abort', () => {
			pointed = null;
		});
	}

	/** @param {Element} image @returns {Handle} */
	function handleOf(image) {
		const source = touchstone.sources.of(image);
		const known = handles.get(image);
		if (known?.source === source) {
			return known;
		}
		if (known) {
			byId.delete(known.id);
		}
		const handle = {id: ++lastId, source, ...touchstone.bytes.access(source, image)};
		handles.set(image, handle);
		byId.set(handle.id, {image: new WeakRef(image), handle});
		return handle;
	}

	/** What the panel has to know of an image besides its record. @param {Element} image */
	function context(image) {
		return {...touchstone.bytes.request(handleOf(image)), page: location.href, sayings: touchstone.captions.of(image), best: touchstone.better.known(image)};
	}

	/** Every image that has an answer, in reading order; `whole` with the records. @param {{whole: boolean}} body */
	async function list({whole}) {
		forgetGone();
		await sayAll();
		const items = [...touchstone.badges.all].map(([image, {view}]) => {
			const {x, y} = image.getBoundingClientRect();
			const {id, url} = touchstone.bytes.request(handleOf(image));
			const sayings = said.get(image)?.sayings ?? [];
			return {x, y, item: {
				id, url, alt: touchstone.sources.nameOf(image).slice(0, 200), label: view.label,
				record: whole ? view.record : null, best: whole ? touchstone.better.known(image)?.record ?? null : null,
				sayings, difference: touchstone.captions.difference(view, sayings),
			}};
		});
		return {page: location.href, items: items.sort((a, b) => a.y - b.y || a.x - b.x).map(({item}) => item)};
	}

	/** Read what the page says of each image, a slice at a time. */
	async function sayAll() {
		let end = performance.now() + SLICE_MS;
		for (const image of [...touchstone.badges.all.keys()]) {
			if ((said.get(image)?.at ?? -Infinity) + SAID_MS < performance.now()) {
				said.set(image, {at: performance.now(), sayings: touchstone.captions.of(image)});
			}
			if (performance.now() > end) {
				await new Promise(resolve => setTimeout(resolve));
				end = performance.now() + SLICE_MS;
			}
		}
	}

	function forgetGone() {
		for (const [id, {image}] of byId) {
			if (!image.deref()?.isConnected) {
				byId.delete(id);
			}
		}
	}

	/**
	 * Let the panel show an image; `open` opens the panel too.
	 * @param {Element} image
	 * @param {any} view
	 * @param {boolean} open
	 */
	function choose(image, view, open) {
		void touchstone.port.ask('choose', {...context(image), record: view.record, open});
	}

	/**
	 * The image of the context menu: what the background needs to examine it, and the answer where there is one.
	 * @param {{url: string}} body
	 */
	async function pick({url}) {
		// Of a data: URL the background sends the beginning only.
		const same = (/** @type {string} */ source) => source === url || url.startsWith('data:') && source.startsWith(url);
		const shows = (/** @type {Element} */ image) => same(touchstone.sources.of(image));
		const names = (/** @type {Element} */ image) => same(/** @type {HTMLImageElement} */ (image).src ?? '');
		// Where we are paused nothing watches the pointer: the first that shows it will do.
		const image = pointed?.deref() ?? [...document.images].find(shows) ?? [...document.images].find(names);
		if (!image || !shows(image) && !names(image)) {
			return null;
		}
		return {...context(image), record: touchstone.badges.all.get(image)?.view.record ?? null};
	}

	/** Scroll to an image and focus its badge. @param {{id: number}} body */
	async function reveal({id}) {
		const image = byId.get(id)?.image.deref();
		if (!image?.isConnected) {
			return 'gone';
		}
		const badge = touchstone.badges.all.get(image);
		if (badge) {
			badge.asked = true;
		}
		const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
		image.scrollIntoView({block: 'center', inline: 'nearest', behavior: still ? 'instant' : 'smooth'});
		for (const end = performance.now() + REVEAL_MS; performance.now() < end;) {
			touchstone.tracker.kick();
			await new Promise(resolve => setTimeout(resolve, 50));
			const button = touchstone.badges.all.get(image)?.button;
			if (button && !button.hidden && touchstone.keyboard.focus(button)) {
				return 'shown';
			}
		}
		return 'hidden';
	}

	/** The file of an id that the background was told. @param {number} id */
	const find = id => byId.get(id)?.handle;

	/** The image of such an id, while it shows that file. @param {number} id */
	const imageOf = id => byId.get(id)?.image.deref();

	touchstone.findings = {start, context, list, choose, pick, reveal, find, imageOf};
}
