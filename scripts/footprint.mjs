/**
 * Measure what the extension costs, in Chromium and Firefox, with and without it in one run.
 * CPU time and memory are the system's (Linux, /proc), so that a busy machine does not decide; the
 * time of our own code is counted inside the page, by the clock, and set right by the share of it
 * in which the page's main thread had no core. Prints a table in Markdown, and on stderr how far it is.
 */

import {execFileSync} from 'node:child_process';
import {rmSync} from 'node:fs';
import {parseArgs} from 'node:util';

import {pair, setUp} from '../tests/browser/bench.mjs';
import {BROWSERS, until} from '../tests/browser/driver.mjs';
import {countOf, countedExtension, cpuOf, familyOf, mainThreadOf, memoryOf, processOf, waitOf} from '../tests/browser/footprint.mjs';
import {PYTHON, ROOT} from '../tests/browser/touchstone.mjs';

const HELP = `node scripts/footprint.mjs [chromium|firefox] [--images 5000] [--idle 20] [--json]

What the extension costs on generated pages, beside the bars: CPU of idle pages, our time for each
picture found, long tasks, memory, what is left when it is switched off. Linux only (/proc).

  --images N   pictures on the long page (5000; takes about 5 minutes a browser)
  --idle S     seconds that an idle page is watched (20)
  --json       also print all that was counted, on stderr
`;
const {values, positionals} = parseArgs({allowPositionals: true, options: {
	images: {type: 'string', default: '5000'}, idle: {type: 'string', default: '20'}, json: {type: 'boolean', default: false}, help: {type: 'boolean', default: false},
}});
if (values.help) {
	process.stdout.write(HELP);
	process.exit(0);
}
const strange = positionals.find(name => !BROWSERS.some(({kind}) => kind === name));
if (strange || ![values.images, values.idle].every(value => Number(value) > 0)) {
	console.error(strange ? `There is no browser ${strange}.\n\n${HELP}` : `--images and --idle are numbers above 0.\n\n${HELP}`);
	process.exit(2);
}
const IMAGES = Number(values.images);
const IDLE_MS = 1000 * Number(values.idle);
const SETTLE_MS = 4000;
// As fast as a person reads through a gallery, a screen at a time.
const DWELL_MS = 250;
// What a busy machine may need for one screen of pictures.
const SCREEN_MS = 120_000;
/**
 * The server's limit of requests a minute, and its work on 5,000 files, would make this a measurement of waiting: each
 * file is another, with a hash and a report of its own, but those of the same pixels are looked at once.
 */
const UNHURRIED = ['-c', `
import dataclasses, functools, runpy, server.gate, server.reports
server.gate.Buckets.take = lambda self, caller: None
first, known = server.reports.examine, {}
def examine(image, policy, checks):
    pixels = image.data[${2 + 4 + 8}:]
    if pixels not in known:
        known[pixels] = first(image, policy, checks)
    return dataclasses.replace(known[pixels], sha256=image.sha256)
server.reports.examine = examine
runpy.run_module("server", run_name="__main__")
`];
const NAMES = ['iptc', 'camera'];

const HEAD = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title><style>
	body { margin: 0 } main { display: grid; grid-template-columns: repeat(9, 104px) } img { width: 100px; height: 100px; margin: 2px }</style><main>`;
// Every address is another; half of them the page can read itself, half only the background.
const images = (/** @type {number} */ count) => Array.from({length: count}, (_, at) =>
	`<img src="${at % 2 ? '{other}' : ''}/${NAMES[at % 4 >> 1]}-${at}.jpg" alt="" loading="lazy">`).join('');
const PAGES = {
	'idle.html': `${HEAD}${images(54)}</main>`,
	'long.html': `${HEAD}${images(IMAGES)}</main>`,
};

const pause = (/** @type {number} */ ms) => new Promise(resolve => setTimeout(resolve, ms));
const say = (/** @type {string} */ text) => console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
const median = (/** @type {number[]} */ numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** All that is measured in one browser. @param {typeof BROWSERS[0]} browser */
async function measure(browser) {
	const extension = countedExtension();
	const bench = await setUp(browser, PAGES, 'cautious', {extension, program: UNHURRIED, prefs: {'privacy.reduceTimerPrecision': false}});
	try {
		addSmall(bench.pictures);
		await pair(bench);
		const root = /** @type {number} */ (bench.browser.process()?.pid);
		const control = await quietControl(bench);
		const version = await bench.browser.version();
		/** @type {Record<string, any>} */
		const found = {version: version.replace('/', ' ')};
		for (const on of [true, false]) {
			await control.look(on);
			say(`${browser.kind} ${on ? 'with' : 'without'} the extension: an idle page`);
			found[on ? 'with' : 'without'] = {idle: await idle(bench, control, on, root), ...await long(bench, control, on, root)};
		}
		return found;
	} finally {
		await bench.end();
		rmSync(extension, {recursive: true});
	}
}

/** Small pictures, so that what the browser keeps of them does not hide what we keep. */
const SHRINK = `
import base64, io, json, sys
from PIL import Image
small = {}
for name, data in json.load(sys.stdin).items():
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    kept = {"xmp": image.info["xmp"]} if "xmp" in image.info else {"exif": image.getexif()}
    file = io.BytesIO()
    image.resize((160, 107)).save(file, "JPEG", **kept)
    small[name] = base64.b64encode(file.getvalue()).decode()
json.dump(small, sys.stdout)
`;

/** `NAME-NUMBER.jpg` is a file for each number, with a comment of its own. @param {Map<string, Buffer>} pictures */
function addSmall(pictures) {
	const input = JSON.stringify(Object.fromEntries(NAMES.map(name => [name, pictures.get(`${name}.jpg`)?.toString('base64')])));
	const small = JSON.parse(execFileSync(PYTHON, ['-c', SHRINK], {input, cwd: ROOT, encoding: 'utf8'}));
	const get = pictures.get.bind(pictures);
	pictures.get = path => {
		const [, name, number] = /^(\w+)-(\d+)\.jpg$/.exec(path) ?? [];
		const file = Buffer.from(small[name] ?? '', 'base64');
		return number === undefined ? get(path) : Buffer.concat([file.subarray(0, 2), Buffer.from([0xFF, 0xFE, 0, 10]), Buffer.from(number.padStart(8, '0')), file.subarray(2)]);
	};
}

/** A page of the extension that does nothing by itself, as the popup does: the panel. @param {any} bench */
async function quietControl(bench) {
	const panel = await bench.ours('panel.html?tab=1');
	await bench.popup.close();
	const set = (/** @type {string} */ setting, /** @type {any} */ value) => panel.evaluate((/** @type {string} */ setting, /** @type {any} */ value) =>
		(globalThis.browser ?? chrome).runtime.sendMessage({name: 'set', setting, value}), setting, value);
	return {
		/** Whether pages that are opened from now on get our scripts. @param {boolean} on */
		look: on => set('where', on ? 'everywhere' : 'click'),
		off: (/** @type {boolean} */ on) => set('off', on),
		count: (/** @type {string} */ name) => countOf(panel, name),
		panel,
	};
}

/** CPU share of a page that nobody touches, over all processes of the browser. */
async function idle(bench, control, on, root) {
	const page = await bench.open('idle.html');
	await (on ? until(async () => (await control.count('idle.html')).badges === 54, '54 badges on the idle page', SCREEN_MS) : null);
	const share = await idleShare(root);
	await page.close();
	return share;
}

/** In per cent of one core. @param {number} root */
async function idleShare(root) {
	await pause(SETTLE_MS);
	const [before, began] = [cpuOf(familyOf(root)), performance.now()];
	await pause(IDLE_MS);
	return 100 * (cpuOf(familyOf(root)) - before) / (performance.now() - began);
}

/** A long page, scrolled from screen to screen to its end, left alone there, and switched off. */
async function long(bench, control, on, root) {
	const background = await processOf(control.panel, root);
	await free(bench);
	const before = memoryOf(background);
	const page = await bench.browser.newPage();
	await page.goto(`${bench.site.address}/long.html`, {waitUntil: 'domcontentloaded', timeout: 120_000});
	await page.bringToFront();
	const pid = await processOf(page, root);
	await pause(SETTLE_MS);
	say(`${IMAGES} pictures, screen by screen`);
	const [began, waited] = [mainThreadOf(pid), waitOf(pid)];
	const steps = await walk(page, control, on);
	const main = mainThreadOf(pid) - began;
	const share = main / (main + waitOf(pid) - waited);
	say('all seen; the page is left alone');
	const counted = on ? await control.count('long.html') : null;
	const idle = await idleShare(root);
	const rest = on ? atRest(counted, await control.count('long.html')) : null;
	await free(bench);
	const memory = {page: memoryOf(pid), background: memoryOf(background) - before};
	say(`${memory.page.toFixed(1)} MiB${on ? '; switched off' : ''}`);
	const off = on ? await switchOff(control) : null;
	await page.close();
	return {steps, main, share, counted, rest, idleLong: idle, memory, off};
}

/** What our code did while nobody touched the page. */
function atRest(before, after) {
	const kinds = Object.entries(after.kinds).map(([kind, ms]) => [kind, ms - (before.kinds[kind] ?? 0)]).filter(([, ms]) => ms > 0);
	const questions = Object.entries(after.questions).map(([name, {all}]) => [name, all - before.questions[name].all]);
	return {entries: after.entries - before.entries, ms: after.total - before.total, kinds: Object.fromEntries(kinds), questions: Object.fromEntries(questions)};
}

/** Scroll by screens to the end; with the extension each step waits for its badges. */
async function walk(page, control, on) {
	const [screen, row, ahead] = [700, 104, 1000];
	const steps = [];
	let last = on ? {total: 0, badges: 0} : null;
	for (let y = 0; y < Math.ceil(IMAGES / 9) * row; y += screen) {
		await page.evaluate((/** @type {number} */ y) => scrollTo(0, y), y);
		const [from, to] = [9 * Math.floor(y / row), Math.min(IMAGES, 9 * Math.floor((y + 800) / row))];
		await until(() => page.evaluate((/** @type {number} */ from, /** @type {number} */ to) =>
			[...document.images].slice(from, to).every(({complete}) => complete), from, to), `the page has loaded pictures ${from} to ${to}`, SCREEN_MS);
		await pause(DWELL_MS);
		if (last) {
			if (y / screen % 10 === 0) {
				say(`${from} of ${IMAGES}; our time so far ${last.total.toFixed(0)} ms`);
			}
			const due = Math.min(IMAGES, 9 * Math.floor((y + ahead) / row));
			const now = await until(async () => {
				const seen = await control.count('long.html');
				return seen.badges >= due && seen.waiting === 0 && seen;
			}, `${due} badges`, SCREEN_MS).catch(async error => {
				throw new Error(`${error.message}; counted were ${JSON.stringify(await control.count('long.html'))}`);
			});
			if (now.badges > last.badges) {
				steps.push((now.total - last.total) / (now.badges - last.badges));
			}
			last = now;
		}
	}
	return steps;
}

/** Let the browser give back what nobody uses any more. @param {any} bench */
async function free(bench) {
	for (let i = 0; i < 2; i++) {
		if (bench.send) {
			const {contexts: [{context}]} = await bench.send('browsingContext.getTree', {'moz:scope': 'chrome'});
			const expression = `Services.obs.notifyObservers(null, 'child-gc-request'); Services.obs.notifyObservers(null, 'child-cc-request'); Services.obs.notifyObservers(null, 'child-mmu-request')`;
			await bench.send('script.evaluate', {expression, target: {context}, awaitPromise: false});
		} else {
			const session = await bench.browser.target().createCDPSession();
			await session.send('Memory.simulatePressureNotification', {level: 'critical'});
			await session.detach();
		}
		await pause(2000);
	}
}

/** What still runs in the page after "Pause on all sites". */
async function switchOff(control) {
	await control.off(true);
	await until(async () => (await control.count('long.html')).badges === 0, 'no badges');
	await pause(SETTLE_MS);
	const left = await control.count('long.html');
	await pause(IDLE_MS / 2);
	const after = await control.count('long.html');
	await control.off(false);
	return {...left, work: after.total - left.total};
}

/** @param {Record<string, any>} found */
function table({version, with: on, without}) {
	const memory = on.memory.page - without.memory.page;
	const ours = median(on.steps);
	return [
		['CPU of an idle page with 54 badges', `${on.idle.toFixed(2)} − ${without.idle.toFixed(2)} = ${(on.idle - without.idle).toFixed(2)} %`, '≤ 2 %'],
		[`CPU of an idle page with ${IMAGES} badges`, `${on.idleLong.toFixed(2)} − ${without.idleLong.toFixed(2)} = ${(on.idleLong - without.idleLong).toFixed(2)} %`, '≤ 2 %'],
		['our code for each picture found, median of the screens', `${ours.toFixed(2)} ms by the clock × ${on.share.toFixed(2)} with a core = ${(ours * on.share).toFixed(2)} ms`, '≤ 1 ms'],
		['main thread of the page for each picture found, drawing included', `${((on.main - without.main) / IMAGES).toFixed(2)} ms`, ''],
		['"what lies there?" asked for each picture, and at most in a frame', `${(on.counted.questions.elementsFromPoint.all / IMAGES).toFixed(1)}, ${on.counted.questions.elementsFromPoint.most}`, ''],
		[`tasks of our code over 50 ms, ${IMAGES} pictures`, `${on.counted.long} (longest ${on.counted.longest.toFixed(1)} ms, ${on.counted.longestKind})`, '0'],
		[`memory of the page for ${IMAGES} pictures`, `${on.memory.page.toFixed(1)} − ${without.memory.page.toFixed(1)} = ${memory.toFixed(1)} MiB`, '≤ 30 MB'],
		['memory of the background, grown by it', `${on.memory.background.toFixed(1)} MiB`, ''],
		['after "Pause on all sites": timers, observers, listeners', `${on.off.timers.length}, ${on.off.observers}, ${on.off.listeners.length}`, '0'],
		[`work of our code in ${IDLE_MS / 2000} s after that`, `${on.off.work.toFixed(2)} ms`, '0'],
	].map(cells => `| ${version} | ${cells.join(' | ')} |`).join('\n');
}

const wanted = BROWSERS.filter(({kind, path}) => path && (positionals.length === 0 || positionals.includes(kind)));
console.log('| browser | what | measured | bar |\n|---|---|---|---|');
for (const browser of wanted) {
	const found = await measure(browser);
	console.log(table(found));
	if (values.json) {
		console.error(JSON.stringify(found));
	}
}
