/** The page: pictures in by drop, paste or choice; one report each, newest first. */

import {fill} from '/catalogue/words.js';
import {call, Refused} from './api.js';
import {showPaired, startPairing} from './pairing.js';
import {offer} from './regions.js';
import {make, pill, show, showError, waiting} from './results.js';
import {preferred, speak, texts} from './texts.js';

const LABELS = [
	'ai_generated', 'ai_edited', 'possibly_ai', 'suspected_ai',
	'invalid_credential', 'captured', 'unlabeled', 'not_checked',
];
const AT_ONCE = 2;

const $ = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (document.querySelector(selector));
/** @type {{file: File, entry: Element, report?: any, regions?: any, error?: Refused}[]} */
const all = [];
/** @type {typeof all} */
const queue = [];
let busy = 0;

/** @param {Iterable<File>} files */
function add(files) {
	for (const file of files) {
		const picture = {file, entry: waiting(file)};
		all.push(picture);
		queue.push(picture);
		$('#results').prepend(picture.entry);
	}
	work();
}

function work() {
	tell();
	while (busy < AT_ONCE && queue.length) {
		const picture = queue.shift();
		if (picture) {
			busy += 1;
			examine(picture).finally(() => {
				busy -= 1;
				work();
			});
		}
	}
}

/** @param {typeof all[number]} picture */
async function examine(picture) {
	try {
		picture.report = await call('POST', '/v1/examine', picture.file);
	} catch (error) {
		picture.error = error instanceof Refused ? error : new Refused('internal_error', String(error));
	}
	draw(picture);
}

/** @param {typeof all[number]} picture */
function draw(picture) {
	const {file, entry, report, error} = picture;
	if (report) {
		show(entry, report, file.name);
		if (report.estimate) {
			offer(picture);
		}
	} else if (error) {
		showError(entry, error);
	}
}

/** Say how far the work is: seen, and heard by a screen reader. */
function tell() {
	const done = all.filter(picture => picture.report || picture.error).length;
	$('#status').textContent = all.length ? fill(texts, 'web_progress', {done, total: all.length}) : '';
}

function drawLegend() {
	$('#legend').replaceChildren(...LABELS.flatMap(label => [
		make('dt', '', pill(label)), make('dd', '', texts(`label_${label}_hint`)),
	]));
}

async function changeLanguage(/** @type {string} */ language) {
	await speak(language);
	drawLegend();
	all.forEach(draw);
	tell();
	await showPaired();
}

function listen() {
	const chooser = /** @type {HTMLInputElement} */ ($('#files'));
	chooser.addEventListener('change', () => {
		add(chooser.files ?? []);
		chooser.value = '';
	});
	for (const name of ['dragover', 'dragleave', 'drop']) {
		document.addEventListener(name, event => {
			event.preventDefault();
			$('#drop').classList.toggle('over', name === 'dragover');
		});
	}
	document.addEventListener('drop', event => add(event.dataTransfer?.files ?? []));
	document.addEventListener('paste', event => add(event.clipboardData?.files ?? []));
	const language = /** @type {HTMLSelectElement} */ ($('#language'));
	language.value = preferred();
	language.addEventListener('change', () => changeLanguage(language.value));
	startPairing();
	return changeLanguage(language.value);
}

await listen();
