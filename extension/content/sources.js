/** What picture an element shows, whatever way the page uses for it. It reads the page and writes nothing. */

'use strict';

{
	const SVG = 'http://www.w3.org/2000/svg';
	const HTML = 'http://www.w3.org/1999/xhtml';
	// A file of fewer pixels only keeps a place; what is seen there is the background.
	const SPACER = 8;
	// No box of their own, or one that something else fills.
	const WITHOUT_BACKGROUND = new Set([
		'script', 'style', 'link', 'meta', 'title', 'head', 'base', 'br', 'wbr', 'option', 'source', 'track', 'template', 'noscript',
		'img', 'canvas', 'video', 'iframe', 'object', 'embed', 'picture', 'param', 'area', 'map', 'touchstone-badges',
	]);
	// The elements that may have a shadow tree, besides those that a page invents.
	const HOSTS = new Set([
		'article', 'aside', 'blockquote', 'body', 'div', 'footer', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'header', 'main', 'nav', 'p', 'section', 'span',
	]);
	const AROUND = 3;
	/** A number for each canvas: it has no address. @type {WeakMap<Element, number>} */
	const canvases = new WeakMap();
	let lastCanvas = 0;

	/** Whether an element's own content is a picture. @param {Element} element */
	function isPicture(element) {
		const {localName: name} = element;
		if (name === 'img' || name === 'canvas' || name === 'image') {
			return element.namespaceURI === (name === 'image' ? SVG : HTML);
		}
		return name === 'video' ? element.hasAttribute('poster')
			: name === 'input' ? /** @type {HTMLInputElement} */ (element).type === 'image'
				: name === 'object' && element.getAttribute('type')?.startsWith('image/') === true;
	}

	/** Whether an element's picture, if any, is drawn by a style. @param {Element} element */
	const isStyled = element => element.namespaceURI === HTML && !WITHOUT_BACKGROUND.has(element.localName) && !isPicture(element);

	/** The address of what an element shows now; '' for none. @param {Element} element @returns {string} */
	function of(element) {
		const {localName: name} = element;
		if (!isPicture(element)) {
			return isStyled(element) ? styled(element) : '';
		}
		if (name === 'img') {
			const {complete, currentSrc, src, naturalWidth, naturalHeight} = /** @type {HTMLImageElement} */ (element);
			const spacer = complete && naturalWidth > 0 && naturalWidth <= SPACER && naturalHeight <= SPACER;
			if (complete && naturalWidth === 0 && isOnPicture(element)) {
				return '';
			}
			return complete ? spacer && styled(element) || currentSrc || src : '';
		}
		if (name === 'object' && /** @type {HTMLObjectElement} */ (element).contentWindow) {
			// Firefox makes a frame of it, and our script is in that too.
			return '';
		}
		return name === 'video' ? poster(/** @type {HTMLVideoElement} */ (element))
			: name === 'canvas' ? drawn(element)
				: absolute(name === 'image' ? /** @type {SVGImageElement} */ (element).href.baseVal
					: element.getAttribute(name === 'object' ? 'data' : 'src') ?? '', element);
	}

	/** Whether what an element lies in shows a picture: where its own file has failed, that is what is seen there. @param {Element} element */
	function isOnPicture(element) {
		let [at, count] = [element.parentElement, 0];
		for (; at && count < AROUND; at = at.parentElement, count++) {
			if (isStyled(at) && styled(at)) {
				return true;
			}
		}
		return false;
	}

	/** A video shows its poster until it is played or sought, or is shown in a window of its own. @param {HTMLVideoElement} video */
	function poster(video) {
		const elsewhere = /** @type {Document} */ (video.getRootNode()).pictureInPictureElement === video;
		return !elsewhere && video.paused && video.currentTime === 0 && video.played.length === 0 ? video.poster : '';
	}

	/** What a page draws by its program; not the fireworks above a page, which let every click through. @param {Element} canvas */
	function drawn(canvas) {
		if (getComputedStyle(canvas).pointerEvents === 'none') {
			return '';
		}
		const number = canvases.get(canvas) ?? ++lastCanvas;
		canvases.set(canvas, number);
		return `canvas:${number}`;
	}

	/** @param {string} address @param {Element} element */
	function absolute(address, element) {
		// `#name` is a part of the same drawing.
		return address && !address.startsWith('#') && URL.canParse(address, element.baseURI) ? new URL(address, element.baseURI).href : '';
	}

	/** The picture that styles draw on an element, before it or after it. @param {Element} element */
	function styled(element) {
		for (const part of [null, '::before', '::after']) {
			const {backgroundImage, content} = getComputedStyle(element, part);
			// A part that has no content is not there.
			const source = part !== null && (content === 'none' || content === 'normal') ? '' : pictureIn(backgroundImage) || pictureIn(content);
			if (source) {
				return source;
			}
		}
		return '';
	}

	/**
	 * The first address in the value of a property that names a picture of pixels. Of a choice of
	 * resolutions the browser takes the one that suffices for the screen.
	 * @param {string} value as computed: all addresses are absolute and in double quotes
	 */
	function pictureIn(value) {
		// Nearly every element of a page has none.
		if (!value.includes('url(')) {
			return '';
		}
		const set = value.match(/image-set\((?:"(?:[^"\\]|\\.)*"|[^()"]|\([^()"]*(?:"(?:[^"\\]|\\.)*")?[^()"]*\))*\)/)?.[0];
		const found = [...(set ?? value).matchAll(/url\("((?:[^"\\]|\\.)*)"\)(?:\s+([\d.]+)(?:x|dppx))?/g)]
			.map(([, address, density]) => ({address: address.replace(/\\(.)/g, '$1'), density: Number(density ?? 1)}))
			.filter(({address}) => !/^data:image\/svg|\.svg([?#]|$)|^#/i.test(address));
		const enough = found.filter(({density}) => density >= devicePixelRatio).sort((a, b) => a.density - b.density);
		return (set ? enough[0] ?? found.sort((a, b) => b.density - a.density)[0] : found[0])?.address ?? '';
	}

	/** What the page calls a picture. @param {Element} element */
	function nameOf(element) {
		return element.getAttribute('alt') || element.getAttribute('aria-label') || element.getAttribute('title') || '';
	}

	/** The element's shadow tree, closed ones too: their pictures are seen as well. @param {Element} element @returns {ShadowRoot | null} */
	function shadowOf(element) {
		const {localName: name} = element;
		// The question is dear, and asked of every element.
		if (element.namespaceURI !== HTML || !HOSTS.has(name) && !name.includes('-')) {
			return null;
		}
		const {openOrClosedShadowRoot: root} = /** @type {any} */ (element);
		return root === undefined ? /** @type {any} */ (globalThis).chrome?.dom?.openOrClosedShadowRoot(element) ?? null : root;
	}

	touchstone.sources = {of, isPicture, isStyled, nameOf, shadowOf};
}
