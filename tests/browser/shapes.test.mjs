/** The layout matrix: a badge lies in the corner of its image, whatever shape the page has. */

import assert from 'node:assert/strict';
import {after, before, describe, test} from 'node:test';

import {pair, setUp} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';

const IMG = '<img id="{id}" alt="" src="/iptc.jpg">';
/** Each shape is markup around its image, which is 200 × 140 unless the shape says otherwise. */
const SHAPES = {
	block: IMG,
	inline: `Some words ${IMG} and some more.`,
	grid: `<div style="display: grid; grid-template-columns: 80px 1fr; gap: 9px"><i>A</i>${IMG}</div>`,
	subgrid: `<div style="display: grid; grid-template-columns: 60px 220px"><div style="display: grid; grid-column: 1 / 3; grid-template-columns: subgrid"><i>A</i>${IMG}</div></div>`,
	flex: `<div style="display: flex; justify-content: space-between; align-items: end; height: 180px"><i>A</i>${IMG}</div>`,
	flexReverse: `<div style="display: flex; flex-direction: row-reverse"><i>A</i>${IMG}</div>`,
	float: `<div style="overflow: hidden">Words. ${IMG.replace('<img', '<img style="float: right"')}</div>`,
	absolute: `<div style="position: relative; height: 200px">${IMG.replace('<img', '<img style="position: absolute; right: 30px; bottom: 10px"')}</div>`,
	relative: IMG.replace('<img', '<img style="position: relative; left: 33px; top: 7px"'),
	sticky: `<div style="height: 300px"><div style="position: sticky; top: 0">${IMG}</div></div>`,
	translate: `<div style="transform: translate(41px, 13px)">${IMG}</div>`,
	scale: `<div style="transform: scale(1.3); transform-origin: 0 0; height: 190px">${IMG}</div>`,
	scaleProperty: `<div style="scale: .8; transform-origin: 0 0">${IMG}</div>`,
	perspective: `<div style="perspective: 500px"><div style="transform: translateZ(40px)">${IMG}</div></div>`,
	zoom: `<div style="zoom: 1.25">${IMG}</div>`,
	scroller: `<div style="width: 300px; height: 200px; overflow: auto; border: 5px solid"><div style="height: 600px; padding: 12px">${IMG}</div></div>`,
	nested: `<div style="height: 220px; overflow: auto"><div style="height: 200px; overflow: auto; margin: 8px"><div style="height: 500px">${IMG}</div></div></div>`,
	clip: `<div style="width: 150px; height: 120px; overflow: clip">${IMG}</div>`,
	table: `<table style="border-spacing: 7px"><tr><td>A<td>${IMG}</table>`,
	caption: `<figure style="margin: 4px 40px">${IMG}<figcaption>Words</figcaption></figure>`,
	columns: `<div style="columns: 2; height: 200px"><p style="height: 190px; margin: 0">A</p>${IMG}</div>`,
	list: `<ol style="padding-left: 50px"><li>${IMG}</ol>`,
	link: `<a href="#x">${IMG}</a>`,
	button: `<button style="padding: 6px">${IMG}</button>`,
	details: `<details open><summary>A</summary>${IMG}</details>`,
	fieldset: `<fieldset><legend>A</legend>${IMG}</fieldset>`,
	contents: `<div style="display: contents">${IMG}</div>`,
	contain: `<div style="contain: content; padding: 5px">${IMG}</div>`,
	filter: `<div style="filter: grayscale(1); padding: 5px">${IMG}</div>`,
	bordered: IMG.replace('<img', '<img style="border: 6px solid; padding: 3px; box-sizing: content-box"'),
	rounded: IMG.replace('<img', '<img style="border-radius: 30px; object-fit: contain"'),
	vertical: `<div style="writing-mode: vertical-rl; height: 200px">A ${IMG}</div>`,
	rtl: `<div dir="rtl">${IMG}</div>`,
	rtlFlex: `<div dir="rtl" style="display: flex; gap: 10px"><i>A</i>${IMG}</div>`,
	slotted: `<x-slotted>${IMG}</x-slotted>`,
	snap: `<div style="display: flex; width: 320px; overflow-x: auto; scroll-snap-type: x mandatory"><b style="flex: none; width: 40px"></b>${IMG.replace('<img', '<img style="flex: none; scroll-snap-align: center"')}<b style="flex: none; width: 400px"></b></div>`,
};
/** What a site may forbid its own scripts and styles must not touch ours. */
const POLICIES = [
	"default-src 'none'; img-src 'self'",
	"default-src 'self'; style-src 'none'; script-src 'none'",
	"default-src 'none'; img-src 'self'; style-src 'nonce-abc'; connect-src 'none'",
	"default-src 'none'; img-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
	"default-src 'none'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-src 'none'; worker-src 'none'",
];
const NAMES = Object.keys(SHAPES);
const PAGES = {
	'shapes.html': `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>
		body { margin: 0 17px } section { margin: 30px 0; min-height: 240px } img { width: 200px; height: 140px }
	</style>${NAMES.map(name => `<section>${SHAPES[name].replace('{id}', name)}</section>`).join('')}
	<script>
		document.querySelector('x-slotted').attachShadow({mode: 'closed'}).innerHTML = '<div style="padding: 11px"><slot></slot></div>';
	</script>`,
	'full.html': `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>img { width: 300px; height: 200px; display: block }</style>
		<button onclick="document.querySelector('div').requestFullscreen()">Full screen</button><div><img id="full" alt="" src="/iptc.jpg"></div>`,
	...Object.fromEntries(POLICIES.map((policy, at) => [`policy${at}.html`, `<!doctype html><html lang="en"><meta charset="utf-8">
		<meta http-equiv="Content-Security-Policy" content="${policy}"><title>Test</title><img id="policy" alt="" src="/iptc.jpg" width="300" height="200">`])),
};

/** In the page: bring the image of a shape to the middle, and say where its seen part is. */
async function show(name) {
	const image = document.getElementById(name);
	image.scrollIntoView({block: 'center', behavior: 'instant'});
	await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
	const {left, right, top} = image.getBoundingClientRect();
	return {left, right, top, rtl: getComputedStyle(image).direction === 'rtl'};
}

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		before(async () => {
			bench = await setUp(browser, PAGES);
			await pair(bench);
		}, {timeout: 90_000});
		after(() => bench?.end());

		/** Wait until the image of a name has its badge; null, or where all were seen. */
		async function misplaced(page, name) {
			let seen = {};
			return until(async () => {
				const {left, right, top, rtl} = await page.evaluate(show, name);
				const badges = (await bench.badges(page)).filter(({hidden}) => !hidden);
				seen = {left, right, top, badges: badges.map(({rect}) => rect)};
				return badges.some(({rect: {x, y, width, height}}) => {
					// From the edge that is seen; the narrower the image, the nearer.
					const aside = rtl ? right - x - width : x - Math.max(left, 0);
					return aside > 2 && aside < 9 && y - top > 2 && y - top < 9 && height === 24;
				});
			}, name, 6000).then(() => null, () => `${name}: ${JSON.stringify(seen)}`);
		}

		test(`${NAMES.length} shapes of a page, each with its badge in the corner`, {timeout: 180_000}, async () => {
			assert.ok(NAMES.length >= 30);
			const page = await bench.open('shapes.html');
			const wrong = [];
			for (const name of NAMES) {
				wrong.push(await misplaced(page, name));
			}
			assert.deepEqual(wrong.filter(Boolean), []);
			await page.close();
		});

		test('at 200 %, which halves the viewport', {timeout: 60_000}, async () => {
			const page = await bench.open('shapes.html');
			await page.setViewport({width: 500, height: 400, deviceScaleFactor: 2});
			for (const name of ['block', 'grid', 'rtl', 'scroller']) {
				assert.equal(await misplaced(page, name), null);
			}
			await page.close();
		});

		test('in full screen', {timeout: 60_000}, async () => {
			const page = await bench.open('full.html');
			assert.equal(await misplaced(page, 'full'), null);
			await page.click('button');
			await until(() => page.evaluate(() => document.fullscreenElement !== null), 'full screen');
			assert.equal(await misplaced(page, 'full'), null);
			await page.close();
		});

		test('whatever a site forbids by its policy, badges are drawn and styled', {timeout: 90_000}, async () => {
			for (const at of POLICIES.keys()) {
				const page = await bench.open(`policy${at}.html`);
				assert.equal(await misplaced(page, 'policy'), null, POLICIES[at]);
				await page.close();
			}
		});
	});
}
