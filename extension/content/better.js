/** The better copy of a picture that its page names: the original that it links to, or the largest of its sources. It reads the page and writes nothing. */

'use strict';

{
	const PICTURE_FILE = /\.(jpe?g|png|webp|gif|avif|hei[cf]|jxl|tiff?|jp2)$/i;
	const SMALLEST = 96;

	/** @typedef {{url: string, why: 'linked' | 'largest', own: boolean}} Better own: the page may read it itself */
	/** What was found of it, as long as the image shows the same file. @type {WeakMap<Element, {source: string, best: any}>} */
	const found = new WeakMap();

	/** @param {Element} image @returns {Better | null} */
	function of(image) {
		const shown = plain(touchstone.sources.of(image));
		const linked = original(image);
		const url = [linked, largest(image)].find(url => url && plain(url) !== shown);
		return url && shown ? {url, why: url === linked ? 'linked' : 'largest', own: new URL(url).origin === self.origin} : null;
	}

	/** Without the part that no server sees. @param {string} url */
	const plain = url => url.replace(/#.*/, '');

	/** The picture's file that the link around an image leads to; a link with several pictures means none of them. @param {Element} image */
	function original(image) {
		const link = /** @type {HTMLAnchorElement | null} */ (image.closest('a[href]'));
		const pictures = [...link?.querySelectorAll('img') ?? []].filter(({width, height}) => width >= SMALLEST && height >= SMALLEST);
		if (!link || !/^https?:$/.test(link.protocol) || pictures.some(other => other !== image)) {
			return '';
		}
		const name = link.pathname.split('/').at(-1) ?? '';
		// `File:Name.jpg` is the page about a picture, on a wiki.
		return PICTURE_FILE.test(name) && !/:|%3a/i.test(name) ? link.href : '';
	}

	/** The largest candidate of the list that the browser has chosen from: another list may be of another picture. @param {Element} element */
	function largest(element) {
		if (element.localName !== 'img') {
			return '';
		}
		const image = /** @type {HTMLImageElement} */ (element);
		const sources = image.parentElement?.localName === 'picture' ? [...image.parentElement.querySelectorAll('source')] : [];
		const lists = [...sources, image].map(({srcset}) => candidates(srcset, image));
		const list = lists.find(list => list.some(({url}) => url === image.currentSrc)) ?? (image.currentSrc === image.src ? lists.at(-1) : []) ?? [];
		const best = list.reduce((best, each) => each.size > best.size ? each : best, {url: '', size: 0});
		// One that is not larger than what was chosen is not better.
		const chosen = list.find(({url}) => url === image.currentSrc)?.size ?? 1;
		return best.size > chosen ? best.url : '';
	}

	/** @param {string} srcset @param {Element} image @returns {{url: string, size: number}[]} */
	function candidates(srcset, image) {
		return [...srcset.matchAll(/([^\s,]\S*[^\s,]|[^\s,])(?:\s+([\d.]+)[wx])?\s*(?:,|$)/g)]
			.filter(([, url]) => URL.canParse(url, image.baseURI))
			.map(([, url, size]) => ({url: new URL(url, image.baseURI).href, size: Number(size ?? 1)}))
			.filter(({url}) => /^https?:/.test(url));
	}

	/** What is known of an image's better copy; null if it has none. @param {Element} image */
	function known(image) {
		const kept = found.get(image);
		return kept && kept.source === touchstone.sources.of(image) ? kept.best : of(image);
	}

	/** @param {Element} image @param {any} best */
	function keep(image, best) {
		found.set(image, {source: touchstone.sources.of(image), best});
	}

	touchstone.better = {of, known, keep};
}
