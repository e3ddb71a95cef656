/** The page of one report: all that is known of the picture with this SHA-256, for reading and for print. */

import {call, Refused} from './api.js';
import {draw, isOfScreen, make, viewOf} from './results.js';
import {preferred, speak, texts} from './texts.js';

const $ = (/** @type {string} */ selector) => /** @type {any} */ (document.querySelector(selector));

/** @type {any} */
let report = null;
/** @type {Refused | null} */
let refused = null;

async function load() {
	try {
		report = await call('GET', `/v1/reports/${$('#sha256').textContent}`);
	} catch (error) {
		refused = error instanceof Refused ? error : new Refused('internal_error', String(error));
	}
}

async function show() {
	await speak($('#language').value);
	const label = report ? `${viewOf(report, '').name} · ` : '';
	const screen = report && isOfScreen(report);
	$('#file-title').textContent = texts(screen ? 'web_report_pixels' : 'web_report_file');
	document.title = `${label}${texts('web_report')} · Touchstone`;
	if (report) {
		$('#report').replaceChildren(...draw(report, '', 'h3'));
		$('#report details').open = true;
	} else if (refused?.code === 'not_found') {
		$('#report').replaceChildren(make('p', 'gone', texts('web_report_gone')));
	} else {
		$('#report').replaceChildren(make('p', 'gone', texts('web_report_failed')), make('p', 'exact', refused?.message ?? ''));
	}
	$('#kept').hidden = !report;
	$('#report').dataset.state = report ? 'found' : 'gone';
}

$('#language').value = preferred();
$('#language').addEventListener('change', show);
$('#print').addEventListener('click', () => print());
await load();
await show();
