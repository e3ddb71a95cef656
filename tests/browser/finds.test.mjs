/** Everything that a person sees as a picture is found, whatever way the page shows it. */

import assert from 'node:assert/strict';
import {after, before, describe} from 'node:test';

import {pageTests, pair, setUp} from './bench.mjs';
import {BROWSERS, until} from './driver.mjs';

const HEAD = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>body { margin: 0 } main { display: flex; flex-wrap: wrap; gap: 12px; padding: 12px } main > * { width: 180px; height: 120px; display: block; margin: 0; flex: none }</style>';
const PAGES = {
	'ways.html': `${HEAD}<link rel="stylesheet" href="/late.html?css"><style>
			.before::before, .after::after { content: ""; display: block; width: 180px; height: 120px; background: url(/iptc.jpg?before) center / cover }
			.after::after { background: none; content: url("/iptc.jpg?after") }
			.set { background-image: image-set("/camera.jpg?set" 1x, "{other}/iptc.jpg?set" 3x) }
			.lines { background: url(/grey.png) }
			.drawing { background: url("data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='200' height='200'/>") }
			.buried { background: url("{other}/midjourney.png?buried") }
			.buried img { width: 180px; height: 120px }
		</style><main>
		<div id="background" style="background: linear-gradient(#0002, #0002), url('{other}/iptc.jpg?background') center / cover"></div>
		<div id="before" class="before"></div>
		<div id="after" class="after"></div>
		<div id="set" class="set"></div>
		<svg><image id="svg" href="/iptc.jpg?svg" width="180" height="120" preserveAspectRatio="none"/></svg>
		<input id="input" type="image" src="/iptc.jpg?input" alt="Send">
		<video id="poster" poster="/iptc.jpg?poster" preload="none"></video>
		<object id="object" type="image/jpeg" data="/iptc.jpg?object"></object>
		<canvas id="canvas" width="180" height="120"></canvas>
		<canvas id="fireworks" width="180" height="120" style="pointer-events: none"></canvas>
		<img id="spacer" alt="" style="background: url('/iptc.jpg?spacer') center / cover" src="data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7">
		<div id="lines" class="lines"></div>
		<div id="drawing" class="drawing"></div>
		<div id="buried" class="buried"><img id="above" alt="" src="/camera.jpg?above"></div>
		<div id="twin" style="position: relative; background: url('/iptc.jpg?twin') center / cover"><img alt="" src="/iptc.jpg?twin" style="opacity: 0; width: 180px; height: 120px"></div>
	</main>`,
	'hidden.html': `${HEAD}<main><x-open id="open"></x-open><div id="closed"></div><x-nested id="nested"></x-nested></main><script>
		const image = query => '<img alt="" src="/iptc.jpg?' + query + '" style="width: 180px; height: 120px; display: block">';
		document.querySelector('#open').attachShadow({mode: 'open'}).innerHTML = image('open');
		document.querySelector('#closed').attachShadow({mode: 'closed'}).innerHTML = image('closed');
		const outer = document.querySelector('#nested').attachShadow({mode: 'closed'});
		outer.innerHTML = '<div></div>';
		const inner = outer.firstChild.attachShadow({mode: 'closed'});
		inner.innerHTML = '<b style="display: block; width: 180px; height: 120px; background: url(/iptc.jpg?nested)"></b>';
	</script>`,
	'changes.html': `${HEAD}<style>.late { background: url(/iptc.jpg?late) center / cover }</style><main>
		<div id="same" style="background-image: url(/camera.jpg?same)"></div><div id="late"></div>
		<video id="video" muted poster="/iptc.jpg?video"></video>
	</main>`,
	'list.html': `${HEAD}<style>#rows { height: 3000px; position: relative } #rows img { position: absolute; left: 12px; width: 180px; height: 120px }</style><div id="rows"></div><script>
		// Six nodes show a list of any length, as virtual lists do.
		const nodes = Array.from({length: 6}, () => document.querySelector('#rows').appendChild(new Image()));
		const draw = () => nodes.forEach((node, at) => {
			const row = Math.floor(scrollY / 150) + at;
			const slot = nodes[row % 6];
			slot.style.top = row * 150 + 'px';
			const source = (row % 2 ? '/iptc.jpg?row' : '/camera.jpg?row') + row;
			slot.id = 'row' + row;
			if (slot.getAttribute('src') !== source) {
				slot.setAttribute('src', source);
			}
		});
		addEventListener('scroll', draw);
		draw();
	</script>`,
	'slides.html': `${HEAD}<style>#frame { width: 200px; height: 140px; overflow: hidden; margin: 20px } #strip { display: flex; transition: transform .3s } #strip img { width: 200px; height: 140px; flex: none }</style>
		<div id="frame"><div id="strip"><img id="one" alt="" src="/iptc.jpg?one"><img id="two" alt="" src="/camera.jpg?two"></div></div>`,
	'covered.html': `${HEAD}<style>figure { position: relative; background: url(/iptc.jpg?under) center / cover } figure img { width: 180px; height: 120px }</style><main>
		<figure id="failed"><img alt="" src="/camera.jpg?failed"></figure><figure id="removed"><img alt="" src="/camera.jpg?removed"></figure>
		<img id="known" alt="" src="/iptc.jpg?under">
	</main>`,
	'rules.html': `${HEAD}<style></style><main><div id="inserted"></div><div id="adopted"></div></main>`,
	'blob.html': `${HEAD}<iframe id="frame" style="width: 300px; height: 200px; border: 0"></iframe><script>
		const markup = '<!doctype html><body style="margin: 0"><img alt="" src="' + location.origin + '/iptc.jpg?blob" style="width: 180px; height: 120px">';
		document.querySelector('iframe').src = URL.createObjectURL(new Blob([markup], {type: 'text/html'}));
	</script>`,
};

/** A texture: 24 × 24 pixels. */
const GREY = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAIAAABvFaqvAAAAIklEQVR4nGPcsmULAzUAE1VMGTVo1KBRg0YNGjVo1CCKAAAXYQJMAhgSlwAAAABJRU5ErkJggg==', 'base64');

/** The label of the badge on each element, `none` where it has none. */
async function labels(bench, page, ids) {
	const rects = await page.evaluate(ids => ids.map(id => {
		// The page may not have drawn it yet.
		const {x, y} = document.getElementById(id)?.getBoundingClientRect() ?? {x: NaN, y: NaN};
		return {x, y};
	}), ids);
	const badges = (await bench.badges(page)).filter(({hidden}) => !hidden);
	return Object.fromEntries(ids.map((id, at) => [id, badges.find(({rect: {x, y}}) =>
		Math.abs(x - rects[at].x - 8) < 6 && Math.abs(y - rects[at].y - 8) < 2)?.label ?? 'none']));
}

async function assertLabels(bench, page, expected, ms) {
	let seen = {};
	await until(async () => {
		seen = await labels(bench, page, Object.keys(expected));
		return JSON.stringify(seen) === JSON.stringify(expected);
	}, 'badges', ms).catch(() => assert.deepEqual(seen, expected));
}

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		/** @type {any} */
		let bench;
		before(async () => {
			bench = await setUp(browser, PAGES);
			bench.pictures.set('grey.png', GREY);
			await pair(bench);
		}, {timeout: 90_000});
		after(() => bench?.end());

		const onPage = pageTests(name => bench.open(name));

		onPage('styles, parts that styles add, SVG, buttons, posters, objects, canvas', 'ways.html', async page => {
			const ai = Object.fromEntries(['background', 'before', 'after', 'svg', 'input', 'poster', 'object', 'spacer', 'twin'].map(id => [id, 'ai_generated']));
			// Firefox makes a frame of an object: the badge is in that.
			const expected = {...ai, object: browser.kind === 'firefox' ? 'none' : 'ai_generated', set: 'unlabeled', canvas: 'not_checked', fireworks: 'none', lines: 'none', drawing: 'none', buried: 'unlabeled', above: 'unlabeled'};
			await assertLabels(bench, page, expected);
			const asked = bench.other.requests.filter(({url}) => url === '/midjourney.png?buried');
			assert.equal(asked.length, 1, 'what lies below a picture is fetched by the page alone');
			const shown = (await bench.badges(page)).filter(({hidden}) => !hidden);
			assert.equal(shown.length, 12, `one badge for each: ${JSON.stringify(shown)}`);
			await page.evaluate(() => scrollTo(0, 0));
			const [canvas] = (await bench.badges(page)).filter(({label}) => label === 'not_checked');
			await page.mouse.click(canvas.rect.x + 12, canvas.rect.y + 12);
			const [card] = await until(async () => {
				const cards = await bench.badges(page, 'card');
				return cards.length === 1 && cards;
			}, 'the card');
			assert.match(card.text, /draws this picture with a program: there is no file/);
		});

		onPage('open and closed shadow trees, one in another', 'hidden.html', async page => {
			await assertLabels(bench, page, {open: 'ai_generated', closed: 'ai_generated', nested: 'ai_generated'});
		});

		onPage('another picture on the same element; a style that comes late; a video that plays', 'changes.html', async page => {
			await assertLabels(bench, page, {same: 'unlabeled', late: 'none', video: 'ai_generated'});
			await page.evaluate(() => {
				document.querySelector('#same').style.backgroundImage = 'url(/iptc.jpg?same)';
				document.querySelector('#late').className = 'late';
				document.querySelector('#video').poster = '/camera.jpg?video';
			});
			await assertLabels(bench, page, {same: 'ai_generated', late: 'ai_generated', video: 'unlabeled'});
			await page.evaluate(() => {
				document.querySelector('#same').style.backgroundImage = '';
				document.querySelector('#video').removeAttribute('poster');
			});
			await assertLabels(bench, page, {same: 'none', late: 'ai_generated', video: 'none'});
		});

		onPage('what lies below a picture has its badge when that fails or is taken away', 'covered.html', async page => {
			// That the file is known already: what is timed is our look, not the check.
			await assertLabels(bench, page, {failed: 'unlabeled', removed: 'unlabeled', known: 'ai_generated'});
			await page.evaluate(() => {
				document.querySelector('#failed img').src = '/missing.jpg?failed';
				document.querySelector('#removed img').remove();
			});
			await assertLabels(bench, page, {failed: 'ai_generated', removed: 'ai_generated'}, 5000);
		});

		onPage('styles that come and go without a node that tells of them', 'rules.html', async page => {
			await assertLabels(bench, page, {inserted: 'none', adopted: 'none'});
			// The first look at all is over, and counts the rules.
			await new Promise(resolve => setTimeout(resolve, 6000));
			await page.evaluate(() => {
				const sheet = [...document.styleSheets].at(-1);
				sheet.insertRule('#inserted { background: url(/iptc.jpg?inserted) }');
				const own = new CSSStyleSheet();
				own.replaceSync('#adopted { background: url(/camera.jpg?adopted) }');
				document.adoptedStyleSheets.push(own);
			});
			await assertLabels(bench, page, {inserted: 'ai_generated', adopted: 'unlabeled'}, 8000);
			await page.evaluate(() => {
				[...document.styleSheets].at(-1).insertRule('#inserted { background: url(/camera.jpg?inserted) !important }');
				document.adoptedStyleSheets = [];
			});
			await assertLabels(bench, page, {inserted: 'unlabeled', adopted: 'none'}, 8000);
		});

		onPage('a virtual list: the badge is that of the row, not of the node', 'list.html', async page => {
			const rows = first => Object.fromEntries(Array.from({length: 4}, (_, at) => [`row${first + at}`, (first + at) % 2 ? 'ai_generated' : 'unlabeled']));
			await assertLabels(bench, page, rows(0));
			for (const row of [1, 2, 7, 3]) {
				await page.evaluate(row => scrollTo(0, row * 150), row);
				await assertLabels(bench, page, rows(row));
			}
		});

		onPage('a carousel: only the slide that is seen has a badge', 'slides.html', async page => {
			await assertLabels(bench, page, {one: 'ai_generated', two: 'none'});
			await page.evaluate(() => { document.querySelector('#strip').style.transform = 'translateX(-200px)'; });
			await assertLabels(bench, page, {one: 'none', two: 'unlabeled'});
		});

		onPage('a frame that the page made of a blob', 'blob.html', async page => {
			await until(async () => (await bench.badges(page)).some(({label, hidden}) => label === 'ai_generated' && !hidden), 'its badge');
		});
	});
}
