/** The packages for the stores work as the folder does. */

import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';

import {assertBadges, pair, setUp} from './bench.mjs';
import {BROWSERS} from './driver.mjs';
import {PYTHON, ROOT} from './touchstone.mjs';

const PAGE = '<!doctype html><html lang="en"><title>Test</title><img src="{other}/iptc.jpg" alt="one" style="width:300px;height:200px;display:block">';

for (const browser of BROWSERS) {
	describe(browser.kind, {skip: browser.path ? false : 'not installed'}, () => {
		const folder = mkdtempSync(join(tmpdir(), 'touchstone-package-'));
		after(() => rmSync(folder, {recursive: true, force: true}));

		test('the package of its store gives a picture its badge', {timeout: 90_000}, async () => {
			execFileSync(PYTHON, ['-m', 'scripts.package_extension', folder], {cwd: ROOT});
			const extension = join(folder, browser.kind);
			execFileSync(PYTHON, ['-m', 'zipfile', '-e', join(folder, `touchstone-${browser.kind}.zip`), extension]);
			const bench = await setUp(browser, {'one.html': PAGE}, 'cautious', {extension});
			try {
				await pair(bench);
				const page = await bench.open('one.html');
				await assertBadges(bench, page, {one: 'ai_generated'});
			} finally {
				await bench.end();
			}
		});
	});
}
