import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';
import vm from 'node:vm';

/** The content script's own code, among parts that remember what they were asked. */
function pictures() {
	/** @type {string[]} */
	const asked = [];
	const shown = new Map();
	const touchstone = {
		port: {ask: async (/** @type {string} */ name, /** @type {any} */ {url}) => {
			if (name === 'examine') {
				asked.push(url);
				return {view: {label: 'unlabeled', record: {}}};
			}
			return null;
		}},
		sources: {of: (/** @type {any} */ image) => image.source, isStyled: () => false},
		geometry: {distance: () => 0},
		bytes: {access: () => ({own: true, credentials: 'omit'}), request: (/** @type {any} */ {source}) => ({url: source})},
		badges: {show: (/** @type {any} */ image, /** @type {any} */ view) => shown.set(image, view), remove: (/** @type {any} */ image) => shown.delete(image), hide: () => {}},
	};
	const scripts = ['turns', 'files', 'pictures'].map(name => readFileSync(new URL(`../../extension/content/${name}.js`, import.meta.url), 'utf8'));
	vm.runInNewContext(scripts.join('\n'), {touchstone, document: {hidden: false}, innerHeight: 800, performance, setTimeout, clearTimeout});
	return {asked, shown, ...(/** @type {any} */ (touchstone)).pictures, find: (/** @type {any} */ (touchstone)).files.find};
}

const image = (/** @type {string} */ source) => ({source, isConnected: true, getBoundingClientRect: () => ({width: 100, height: 100, top: 0, bottom: 100})});

test('a page of more files than are remembered: each is asked for once, shown, and found by its id', async () => {
	const {asked, shown, come, counts, find} = pictures();
	const images = Array.from({length: 1300}, (_, at) => image(`https://example.com/${at}.jpg`));
	images.forEach(come);
	// Endless asking would never come to rest.
	for (let i = 0; i < 50; i++) {
		await new Promise(resolve => setTimeout(resolve));
	}
	assert.equal(asked.length, images.length);
	assert.equal(shown.size, images.length);
	assert.deepEqual({...counts()}, {unlabeled: images.length});
	assert.equal(find(0), undefined);
});

test('an endless page: what no image shows any more is forgotten, and asked for again when it comes back', async () => {
	const {asked, come, sweep} = pictures();
	const images = Array.from({length: 1300}, (_, at) => image(`https://example.com/${at}.jpg`));
	for (const one of images) {
		come(one);
		await null;
		await new Promise(setImmediate);
		one.isConnected = false;
		sweep();
	}
	assert.equal(asked.length, 1300);
	const [first, last] = [image(images[0].source), image(images[1299].source)];
	[first, last].forEach(come);
	await new Promise(setImmediate);
	assert.deepEqual(asked.slice(1300), [images[0].source], 'the last is still known');
});
