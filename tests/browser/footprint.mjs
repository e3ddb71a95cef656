/** What the extension costs: a copy that counts its own work, and what the system knows of the browser's processes. */

import {cpSync, mkdtempSync, readFileSync, readdirSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {EXTENSION} from './driver.mjs';

const COUNTER = new URL('./counted.js', import.meta.url);

/** A copy of the extension whose content scripts are counted and timed. @returns {string} its folder */
export function countedExtension() {
	const folder = mkdtempSync(join(tmpdir(), 'touchstone-counted-'));
	cpSync(EXTENSION, folder, {recursive: true});
	cpSync(COUNTER, join(folder, 'content/counted.js'));
	const file = join(folder, 'lib/scripts.js');
	const first = `'content/port.js',`;
	const text = readFileSync(file, 'utf8');
	if (!text.includes(first)) {
		throw new Error(`${first} is not in ${file}`);
	}
	writeFileSync(file, text.replace(first, `'content/counted.js',\n\t${first}`));
	return folder;
}

/** What the counter of a page says. @param {any} popup a page of the extension @param {string} name of the page, in its address @returns {Promise<any>} */
export function countOf(popup, name) {
	return popup.evaluate(async name => {
		const {tabs} = globalThis.browser ?? chrome;
		const tab = (await tabs.query({})).find(({url}) => url?.includes(name));
		return tabs.sendMessage(tab.id, {name: 'counted'}, {frameId: 0});
	}, name);
}

/** A process and all that it has started. @param {number} root @returns {number[]} */
export function familyOf(root) {
	const parents = new Map(readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(pid => [Number(pid), Number(fieldsOf(pid)[1])]));
	const family = [root];
	for (const pid of family) {
		family.push(...[...parents].filter(([, parent]) => parent === pid).map(([child]) => child));
	}
	return family;
}

/** The fields of /proc/PID/stat after the name, which may hold spaces. @param {number | string} pid */
function fieldsOf(pid) {
	try {
		return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
	} catch {
		// It has ended meanwhile.
		return [];
	}
}

/** CPU time of processes so far, in ms, to 10 ms. @param {number[]} pids */
export function cpuOf(pids) {
	return pids.reduce((sum, pid) => sum + 10 * (Number(fieldsOf(pid)[11] ?? 0) + Number(fieldsOf(pid)[12] ?? 0)), 0);
}

/** CPU time of a process's main thread so far, in ms; 0 once it has ended. @param {number} pid */
export const mainThreadOf = pid => scheduled(pid)[0];

/** How long it could have run and had no core, in ms. @param {number} pid */
export const waitOf = pid => scheduled(pid)[1];

/** @param {number} pid */
function scheduled(pid) {
	try {
		return readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ').map(ns => Number(ns) / 1e6);
	} catch {
		return [0, 0];
	}
}

/** Memory that a process shares with no other, in MiB. @param {number} pid */
export function memoryOf(pid) {
	const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
	return [...text.matchAll(/^Private_\w+: +(\d+) kB$/gm)].reduce((sum, [, kib]) => sum + Number(kib), 0) / 1024;
}

/** The process that draws a page: the one that works while the page does. @param {any} page @param {number} root the browser's process */
export async function processOf(page, root) {
	const family = familyOf(root);
	const before = family.map(pid => mainThreadOf(pid));
	await page.evaluate(() => {
		for (const end = performance.now() + 400; performance.now() < end;);
	});
	const grown = family.map((pid, at) => [mainThreadOf(pid) - before[at], pid]);
	return grown.reduce((most, one) => one[0] > most[0] ? one : most)[1];
}
