/** What the page itself says of an image: alt text, caption, words and icons beside it. It writes nothing. */

'use strict';

{
	/** Words that say AI made a picture, and the names of the EU's icons. A hyphen stands for a space too. */
	const ENGLISH = [
		'ai-generated', 'ai-created', 'ai-made', 'ai-edited', 'ai-modified', 'ai-altered', 'ai-enhanced', 'ai-assisted', 'ai-rendered',
		'fully ai-generated', 'partially ai-modified', 'ai info', 'ai label', 'ai image', 'ai illustration', 'ai artwork',
	];
	/** "generated with Midjourney", "Image: DALL-E": any of these with any of those. */
	const MADE = ['generated', 'created', 'made', 'edited', 'modified', 'imagined', 'illustrated', 'rendered'];
	const BY = ['by', 'with', 'using', 'via', 'through'];
	const CREDIT = ['image', 'images', 'picture', 'illustration', 'graphic', 'credit', 'source'];
	const TOOLS = [
		'ai', 'artificial intelligence', 'generative ai', 'midjourney', 'dall-e', 'stable diffusion', 'chatgpt', 'gemini', 'firefly',
		'adobe firefly', 'imagen', 'grok', 'flux', 'ideogram', 'bing image creator', 'microsoft designer', 'copilot', 'meta ai',
	];
	const CHINESE = [
		'ai生成', 'ai合成', 'ai制作', 'ai创作', 'ai绘制', 'ai作图', 'ai辅助生成', 'ai辅助创作', 'ai技术生成',
		'人工智能生成', '人工智能合成', '人工智能辅助生成', '使用了ai', '使用ai生成', '包含ai创作',
	];
	/** "not AI-generated", "非AI生成": the opposite. */
	const DENIED = /(?:\b(?:not|no|non|never|isn['’]t|without|nor)(?: an?| any| been| created| made| using)*[ -]?|[非未无]|不是|并非|没有|不含)[由用经使为]{0,2}$/;
	/** "AI-generated images flood the web" speaks of others. */
	const OTHERS = /^ (?:images|pictures|photos|photographs|videos|deepfakes|works|tools?|generators?|models?|editors?|scams|fakes)\b/;
	/** A longer text is an article, and no one's label. */
	const LONGEST = 240;
	/** How far from the image words are its own, in CSS pixels, and how many of its ancestors are asked. */
	const NEAR = 56;
	const ANCESTORS = 4;
	const MOST = 4;

	const any = (/** @type {string[]} */ words) => `(?:${words.map(word => word.replace(/[ -]/g, '[ -]?')).join('|')})`;
	const PATTERN = new RegExp([
		`(?<![a-z0-9])(?:${any(ENGLISH)}|${any(MADE)} ${any(BY)} ${any(TOOLS)}|${any(CREDIT)}: ?${any(TOOLS)})(?![a-z0-9])`,
		...CHINESE.map(words => [...words].join(' ?')),
	].join('|'), 'gu');

	/** @typedef {{where: 'alt' | 'caption' | 'near', text: string}} Saying */

	/** What the page says of an image that says AI; each text once. @param {Element} image @returns {Saying[]} */
	function of(image) {
		/** @type {Map<string, Saying>} */
		const found = new Map();
		for (const [where, raw] of sources(image)) {
			const text = raw.replace(/\s+/g, ' ').trim();
			const told = [...found.keys()].some(known => where === 'near' ? known.includes(text) || text.includes(known) : known === text);
			if (!told && saysAi(text)) {
				found.set(text, {where, text});
			}
		}
		return [...found.values()].slice(0, MOST);
	}

	/** @param {string} text */
	function saysAi(text) {
		if (text.length > LONGEST) {
			return false;
		}
		const plain = text.normalize('NFKC').toLowerCase().replace(/[\u2010-\u2015·]/g, '-').replace(/\ba\.i\.(?=\W|$)/g, 'ai');
		return [...plain.matchAll(PATTERN)].some(({0: words, index}) =>
			!DENIED.test(plain.slice(0, index)) && !OTHERS.test(plain.slice(index + words.length)));
	}

	/** @param {Element} image @returns {Generator<[Saying['where'], string]>} */
	function* sources(image) {
		for (const text of [touchstone.sources.nameOf(image), image.getAttribute('title'), image.ariaLabel, ...referred(image)]) {
			yield ['alt', text ?? ''];
		}
		for (const caption of image.closest('figure')?.querySelectorAll('figcaption') ?? []) {
			yield ['caption', wordsOf(caption)];
		}
		// The innermost first: around it the same words stand amid others.
		for (const element of [...beside(image)].reverse()) {
			yield ['near', named(element)];
		}
	}

	/** The texts that aria-labelledby and aria-describedby name. @param {Element} image */
	function referred(image) {
		const ids = ['aria-labelledby', 'aria-describedby', 'aria-details'].flatMap(name => image.getAttribute(name)?.split(/\s+/) ?? []);
		const root = /** @type {Document | ShadowRoot} */ (image.getRootNode());
		return ids.map(id => root.getElementById?.(id)?.textContent ?? '');
	}

	/** The elements near an image, in the largest part of the page that holds no other picture. @param {Element} image */
	function* beside(image) {
		const box = image.getBoundingClientRect();
		for (const element of surroundings(image)?.querySelectorAll('*') ?? []) {
			if (element !== image && named(element).length <= LONGEST && isNear(element.getBoundingClientRect(), box)) {
				yield element;
			}
		}
	}

	/** @param {Element} image */
	function surroundings(image) {
		/** @type {Element | null} */
		let part = null;
		for (let element = image.parentElement, count = 0; element && count < ANCESTORS; element = element.parentElement, count++) {
			if (element === document.body || [...element.querySelectorAll('img')].some(other => other !== image && isLarge(other))) {
				break;
			}
			part = element;
		}
		return part;
	}

	/** @param {Element} element */
	function isLarge(element) {
		const {width, height} = element.getBoundingClientRect();
		return width >= 96 && height >= 96;
	}

	/** What an element is called: its alt text, its label, or its own words. @param {Element} element */
	function named(element) {
		const own = element.getAttribute('alt') || element.getAttribute('aria-label') || element.getAttribute('title') || '';
		return own || wordsOf(element).replace(/\s+/g, ' ').trim();
	}

	/** An element's words as they are shown: blocks apart, which the bare text would run together. @param {Element} element @returns {string} */
	function wordsOf(element) {
		return /** @type {HTMLElement} */ (element).innerText ?? element.textContent ?? '';
	}

	/** @param {DOMRect} one @param {DOMRect} box */
	function isNear(one, box) {
		const x = Math.max(one.left - box.right, box.left - one.right);
		const y = Math.max(one.top - box.bottom, box.top - one.bottom);
		// What is not shown says nothing.
		return one.width > 0 && one.height > 0 && x <= NEAR && y <= NEAR;
	}

	/**
	 * Whether only the file says AI, or only the page: as lib/disclosure.js, which content scripts cannot import.
	 * @param {{label: string, record?: any}} view
	 * @param {Saying[]} sayings
	 */
	function difference({label, record}, sayings) {
		const marked = record?.report?.evidence.some((/** @type {any} */ {check}) => check === 'visible_mark') === true;
		const shown = marked || sayings.some(({where}) => where !== 'alt');
		const guessed = label === 'suspected_ai' && record?.report?.verdict?.basis === 'estimate';
		if (['ai_generated', 'ai_edited', 'possibly_ai'].includes(label)) {
			return shown ? null : 'file_only';
		}
		return (label === 'unlabeled' || guessed) && sayings.length > 0 ? 'page_only' : null;
	}

	touchstone.captions = {of, saysAi, difference};
}
