/**
 * How badges and card look, computed in real browsers: contrast on any picture, dark colours, forced
 * colours, still motion, 200 %, right-to-left, print. Our own content scripts on a bare page; no server.
 */

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, before, describe, test} from 'node:test';

import {dress} from '../../extension/lib/ways.js';
import {describe as put} from '../../extension/lib/words.js';
import {LANGUAGES, texts} from '../extension/catalogue.mjs';
import {BROWSERS, launchBare} from './driver.mjs';

const LABELS = ['ai_generated', 'ai_edited', 'possibly_ai', 'suspected_ai', 'invalid_credential', 'captured', 'unlabeled', 'not_checked'];
const FILES = ['sources', 'colours', 'style', 'layer', 'badges', 'geometry', 'wishes', 'captions', 'better', 'actions', 'card'];
const PAGE_STYLE = readFileSync(new URL('../../extension/page.css', import.meta.url), 'utf8');
/** Labels that speak up; the others are quiet, on a page as in a list. */
const SPEAKING = ['ai_generated', 'ai_edited', 'possibly_ai', 'suspected_ai', 'invalid_credential', 'captured'];
const SCRIPTS = FILES.map(name => readFileSync(new URL(`../../extension/content/${name}.js`, import.meta.url), 'utf8'));
/** Any pixel of a picture lies between these: the corners of the cube of colours, and greys. */
const PIXELS = [0, 128, 255].flatMap(r => [0, 128, 255].flatMap(g => [0, 128, 255].map(b => [r, g, b, 1])));
const [TEXT, GRAPHICS] = [4.5, 3];
const SOURCE = {url: 'https://example.com/a.jpg'};

/** A report with something in every part of the card. @param {string} label */
const report = label => ({
	format: 'JPEG', width: 640, height: 480, sha256: 'ab'.repeat(32),
	verdict: {label, basis: 'declaration', code: 'nothing_found', params: {}},
	evidence: [
		{check: 'metadata', strength: 'declaration', code: 'metadata_source_type', params: {source_type: 'trainedAlgorithmicMedia'}},
		{check: 'detector', strength: 'estimate', code: 'detector_estimate', params: {model: 'm', score: 0.9}, false_alarm_rate: 0.2},
	],
	unavailable: {aigc_label: {code: 'aigc_label_unreadable', params: {where: 'x', reason: 'y'}}},
});
const view = (/** @type {string} */ label, density = 'quiet', language = 'en') => ({
	...dress(put(report(label), SOURCE, texts(language)), {report: report(label), source: SOURCE}, texts(language)), density,
});

/** In the page: badges for views, each over its own picture, in the closed tree that a test may enter. */
function lay(views, direction) {
	document.documentElement.dir = direction;
	document.body.replaceChildren();
	touchstone.layer.close();
	touchstone.badges.all.clear();
	for (const [at, view] of views.entries()) {
		const image = document.body.appendChild(new Image());
		image.alt = 'AI-generated valley';
		image.style.cssText = `position: absolute; left: 20px; top: ${10 + at * 60}px; width: 320px; height: 50px`;
		touchstone.badges.show(image, view);
		touchstone.badges.put(touchstone.badges.all.get(image), {x: 20, y: 10 + at * 60, width: 320, rtl: direction === 'rtl'});
	}
}

/** In the page: what every badge is painted with. */
function paintOfBadges() {
	return [...globalThis.ours.querySelectorAll('.badge')].map(badge => {
		const style = getComputedStyle(badge);
		const mark = getComputedStyle(badge.querySelector('svg'));
		const dot = style.backgroundColor === 'rgba(0, 0, 0, 0)';
		const {x, y, width, height} = badge.getBoundingClientRect();
		return {
			label: badge.className.split(' ').pop(), ink: style.color, back: (dot ? mark : style).backgroundColor,
			line: dot ? mark.outlineColor : style.borderTopColor, lineStyle: dot ? mark.outlineStyle : style.borderTopStyle,
			animation: style.animationName, rect: {x, y, width, height},
		};
	});
}

/** In the page: each text of the card with its colour, its ground and its size. */
function paintOfCard() {
	const [image, badge] = [...touchstone.badges.all].at(-1);
	touchstone.card.close();
	touchstone.card.toggle(image, badge);
	const card = globalThis.ours.querySelector('.card');
	const ground = element => {
		const {backgroundColor} = getComputedStyle(element);
		return backgroundColor === 'rgba(0, 0, 0, 0)' && element !== card ? ground(element.parentElement) : backgroundColor;
	};
	const {x, y, width, height} = card.getBoundingClientRect();
	return {
		rect: {x, y, width, height}, back: getComputedStyle(card).backgroundColor,
		parts: [...card.querySelectorAll('*')].filter(element => [...element.childNodes].some(({nodeType, data}) => nodeType === 3 && data.trim()) || element.localName === 'svg')
			.map(element => ({what: `${element.localName}.${element.getAttribute('class') ?? ''}`, ink: getComputedStyle(element).color, back: ground(element), graphic: element.localName === 'svg'})),
	};
}

/** In the page: what the pills of our own pages are painted with, and what they lie on. */
function paintOfPills(style, labels) {
	const frame = document.body.appendChild(document.createElement('iframe'));
	const {contentDocument: own, contentWindow: view} = frame;
	own.head.append(Object.assign(own.createElement('style'), {textContent: style}), Object.assign(own.createElement('style'), {textContent: touchstone.colours.rules}));
	const pills = labels.map(label => {
		const {color: ink, backgroundColor: back, borderTopColor: line, borderTopStyle: lineStyle} =
			view.getComputedStyle(own.body.appendChild(Object.assign(own.createElement('span'), {className: `pill ${label}`, textContent: label})));
		return {label, ink, back, line, lineStyle};
	});
	const ground = view.getComputedStyle(own.body).backgroundColor;
	frame.remove();
	return {ground, pills};
}

/** @param {string} text rgb() or rgba() @returns {number[]} */
function colour(text) {
	const [r, g, b, a = 1] = text.match(/[\d.]+/g)?.map(Number) ?? [];
	return [r, g, b, a];
}

/** One colour on another. @param {number[]} top @param {number[]} below */
const blend = ([r, g, b, a], below) => [...[r, g, b].map((value, at) => value * a + below[at] * (1 - a)), 1];

/** Relative luminance, as WCAG 2 defines it. @param {number[]} rgb */
function luminance(rgb) {
	const [r, g, b] = rgb.slice(0, 3).map(value => value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** @param {number[]} one @param {number[]} other */
function contrast(one, other) {
	const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
	return (light + 0.05) / (dark + 0.05);
}

test('the measure itself: WCAG’s own examples', () => {
	assert.equal(contrast([0, 0, 0], [255, 255, 255]).toFixed(1), '21.0');
	assert.equal(contrast([119, 119, 119], [255, 255, 255]).toFixed(2), '4.48');
	assert.deepEqual(blend([255, 0, 0, 0.5], [0, 0, 0, 1]), [127.5, 0, 0, 1]);
});

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bare;
		/** @type {any} */
		let page;
		before(async () => {
			bare = await launchBare(browser);
			page = await bare.browser.newPage();
			await page.setViewport({width: 1000, height: 800});
			await page.goto('about:blank');
			await page.evaluate((/** @type {string[]} */ scripts) => {
				const {attachShadow} = Element.prototype;
				Element.prototype.attachShadow = function (options) {
					globalThis.ours = attachShadow.call(this, options);
					return globalThis.ours;
				};
				const idle = () => {};
				globalThis.touchstone = {tracker: {kick: idle, glance: idle, place: idle}, findings: {choose: idle}};
				for (const text of scripts) {
					document.head.append(Object.assign(document.createElement('script'), {textContent: text}));
				}
			}, SCRIPTS);
		}, {timeout: 180_000});
		after(() => bare?.close());

		const labels = density => LABELS.map(label => view(label, density));
		const laid = async (density = 'quiet', direction = 'ltr') => {
			await page.evaluate(lay, labels(density), direction);
			return page.evaluate(paintOfBadges);
		};

		for (const density of ['full', 'quiet']) {
			test(`${density}: words at least ${TEXT}:1, every badge's edge at least ${GRAPHICS}:1, whatever pixel is below`, {timeout: 60_000}, async () => {
				const badges = await laid(density);
				assert.deepEqual(badges.map(({label}) => label), LABELS);
				for (const {label, ink, back, line} of badges) {
					for (const pixel of PIXELS) {
						const ground = blend(colour(back), pixel);
						const words = contrast(blend(colour(ink), ground), ground);
						assert.ok(words >= TEXT, `${label} on ${pixel}: words ${words.toFixed(2)}`);
						// Where the ground is like the picture its line is not.
						const edge = Math.max(contrast(ground, pixel), contrast(blend(colour(line), pixel), pixel));
						assert.ok(edge >= GRAPHICS, `${label} on ${pixel}: edge ${edge.toFixed(2)}`);
					}
				}
			});
		}

		test('no two labels differ by colour alone', {timeout: 60_000}, async () => {
			await laid('full');
			const shapes = await page.evaluate(() => [...globalThis.ours.querySelectorAll('.badge')].map(badge => `${badge.querySelector('path').getAttribute('d')}/${badge.textContent}`));
			assert.equal(new Set(shapes).size, LABELS.length);
		});

		for (const scheme of ['light', 'dark']) {
			test(`the card in ${scheme} colours: every text at least ${TEXT}:1, graphics at least ${GRAPHICS}:1, in both languages`, {timeout: 60_000}, async () => {
				await bare.scheme(page, scheme);
				for (const language of LANGUAGES) {
					await page.evaluate(lay, [view('ai_generated', 'quiet', language)], 'ltr');
					const {back, parts} = await page.evaluate(paintOfCard);
					assert.equal(luminance(colour(back)) < 0.2, scheme === 'dark', back);
					assert.ok(parts.length > 12, `${parts.length}`);
					for (const {what, ink, back: ground, graphic} of parts) {
						const ratio = contrast(colour(ink), colour(ground));
						assert.ok(ratio >= (graphic ? GRAPHICS : TEXT), `${what}: ${ink} on ${ground} is ${ratio.toFixed(2)}`);
						assert.equal(colour(ground)[3], 1, 'the picture does not shine through');
					}
				}
				await bare.scheme(page, 'light');
			});
		}

		for (const scheme of ['light', 'dark']) {
			test(`the pills of our own pages in ${scheme} colours: those of the badges, words at least ${TEXT}:1, an edge of ${GRAPHICS}:1`, {timeout: 60_000}, async () => {
				await bare.scheme(page, scheme);
				const badges = Object.fromEntries((await laid('full')).map(badge => [badge.label, badge]));
				const {ground, pills} = await page.evaluate(paintOfPills, PAGE_STYLE, LABELS);
				assert.equal(luminance(colour(ground)) < 0.2, scheme === 'dark', ground);
				for (const {label, ink, back, line, lineStyle} of pills) {
					if (SPEAKING.includes(label)) {
						assert.deepEqual([ink, back, line], [badges[label].ink, badges[label].back, badges[label].line], label);
					}
					assert.ok(contrast(colour(ink), colour(back)) >= TEXT, `${label}: ${ink} on ${back}`);
					const edge = Math.max(contrast(colour(back), colour(ground)), contrast(colour(line), colour(ground)));
					assert.ok(edge >= GRAPHICS, `${label} on ${ground}: edge ${edge.toFixed(2)}`);
					assert.notEqual(lineStyle, 'none');
				}
				await bare.scheme(page, 'light');
			});
		}

		test('right-to-left: badges in the other corner, the card inside the viewport', {timeout: 60_000}, async () => {
			for (const {label, rect} of await laid('full', 'rtl')) {
				assert.ok(Math.abs(rect.x + rect.width - (340 - 8)) < 1.5, `${label} ${JSON.stringify(rect)}`);
			}
			const {rect} = await page.evaluate(paintOfCard);
			assert.ok(rect.x >= 0 && rect.x + rect.width <= 1000);
		});

		test('at 200 %, in a window of 640 × 480: the card fits and scrolls', {timeout: 60_000}, async () => {
			await page.setViewport({width: 320, height: 240, deviceScaleFactor: 2});
			await page.evaluate(lay, [view('ai_generated')], 'ltr');
			const {rect} = await page.evaluate(paintOfCard);
			assert.ok(rect.x >= 0 && rect.y >= 0 && rect.x + rect.width <= 320 && rect.y + rect.height <= 240, JSON.stringify(rect));
			const scrolls = await page.evaluate(() => {
				const card = globalThis.ours.querySelector('.card');
				return card.scrollHeight > card.clientHeight && card.scrollWidth <= card.clientWidth;
			});
			assert.ok(scrolls, 'downwards, and not aside');
			await page.setViewport({width: 1000, height: 800});
		});

		test('reduced motion: nothing moves by itself; else it comes softly', {timeout: 60_000}, async () => {
			assert.deepEqual([...new Set((await laid()).map(({animation}) => animation))], ['come']);
			await bare.reduceMotion(page, true);
			assert.deepEqual([...new Set((await laid()).map(({animation}) => animation))], ['none']);
			await bare.reduceMotion(page, false);
		});

		test('forced colours: the person’s own colours, and an edge round every badge', {timeout: 60_000}, async () => {
			const own = await laid('full');
			await bare.forceColours(page, true);
			const forced = await laid('full');
			const system = await page.evaluate(() => {
				const probe = document.body.appendChild(document.createElement('i'));
				probe.style.cssText = 'color: ButtonText; background: ButtonFace; forced-color-adjust: none';
				const {color, backgroundColor} = getComputedStyle(probe);
				probe.remove();
				return {color, backgroundColor};
			});
			assert.notDeepEqual(forced.map(({back}) => back), own.map(({back}) => back));
			for (const {label, ink, back, line, lineStyle} of forced) {
				assert.deepEqual([ink, line], [system.color, system.color], label);
				assert.notEqual(lineStyle, 'none', label);
				assert.ok(contrast(colour(ink), colour(back)) >= TEXT, `${label}: ${ink} on ${back}`);
			}
			await bare.forceColours(page, false);
		});

		test('print: no badge, no card', {timeout: 60_000}, async () => {
			await laid();
			const shown = () => page.evaluate(() => getComputedStyle(document.querySelector('touchstone-badges')).display);
			assert.equal(await shown(), 'block');
			await bare.print(page, true);
			assert.equal(await shown(), 'none');
			await bare.print(page, false);
			assert.equal(await shown(), 'block');
		});
	});
}
