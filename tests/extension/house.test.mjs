import assert from 'node:assert/strict';
import {existsSync, readFileSync, readdirSync} from 'node:fs';
import {test} from 'node:test';

import {FILES} from '../../extension/lib/scripts.js';
import {LANGUAGES, catalogue} from './catalogue.mjs';

const ROOT = new URL('../../extension/', import.meta.url);
const read = path => readFileSync(new URL(path, ROOT), 'utf8');
const MANIFEST = JSON.parse(read('manifest.json'));
/** Every right has its reason; a new one needs one here. */
const PERMISSIONS = {
	storage: 'the server\'s address and our credentials, where it is paused, the threshold; the panel\'s picture while the browser runs',
	contextMenus: '"Check this picture" on any image: also on one too small for a badge, or on a site where it is paused',
	sidePanel: 'Chromium has a side panel only with it; Firefox does not know it and needs none for its sidebar',
	scripting: 'brings the content scripts into the pages that the person chose, and into no other',
	activeTab: 'the one page on which the person pressed "Check this page" or "Check this picture", until it is left',
	declarativeNetRequestWithHostAccess: 'names the page\'s site to a host that serves its pictures to no one else, in one request of our own; Chromium only',
};
const MODULES = readdirSync(ROOT, {recursive: true}).map(String).filter(path => path.endsWith('.js'));

test('every content script is listed once, and is no module', () => {
	assert.deepEqual([...FILES].sort(), MODULES.filter(path => path.startsWith('content/')).sort());
	for (const path of FILES) {
		assert.ok(!/^(import|export)\b/m.test(read(path)), path);
		assert.match(read(path), /^\/\*\* .*\n\n'use strict';\n/, path);
	}
});

test('modules keep within 200 lines and functions within 60', () => {
	for (const path of MODULES) {
		const lines = read(path).split('\n');
		assert.ok(lines.length - 1 <= 200, `${path} has ${lines.length - 1} lines`);
		lines.forEach((line, at) => {
			const indent = line.match(/^(\t*)(async |static |get )*(function\b|#?\w+\(.*\) \{$)/)?.[1];
			if (indent !== undefined) {
				const length = lines.slice(at).findIndex(end => end === `${indent}}`) + 1;
				assert.ok(length <= 60, `${path}:${at + 1} has ${length} lines`);
			}
		});
	}
});

test('only one module speaks to the server, one fetches images, one names the browser', () => {
	const owners = pattern => MODULES.filter(path => pattern.test(read(path)));
	assert.deepEqual(owners(/\/v1\/|healthz/), ['lib/server.js']);
	assert.deepEqual(owners(/credentials\.token|Authorization/), ['lib/server.js']);
	assert.deepEqual(owners(/globalThis\.(chrome|browser)|\bchrome\.(runtime|storage|tabs)\.[a-z]+\(/).sort(), ['lib/browser.js']);
	assert.deepEqual(owners(/innerHTML|insertAdjacentHTML|document\.write|eval\(|getImageData|toBlob|toDataURL/), []);
});

test('as few rights as possible, and nothing that a page can reach', () => {
	assert.deepEqual(MANIFEST.permissions, Object.keys(PERMISSIONS));
	// At install: the server on this computer alone. Pages only by the person's own decision.
	assert.deepEqual(MANIFEST.host_permissions, ['http://127.0.0.1/*', 'http://[::1]/*']);
	assert.deepEqual(MANIFEST.optional_host_permissions, ['<all_urls>']);
	for (const key of ['content_scripts', 'web_accessible_resources', 'externally_connectable', 'optional_permissions']) {
		assert.ok(!(key in MANIFEST), key);
	}
	// Without our own policy Firefox would turn every http: image into an https: one.
	assert.match(MANIFEST.content_security_policy.extension_pages, /^default-src 'none'; script-src 'self'; (?!.*upgrade)/);
	for (const path of [...Object.values(MANIFEST.icons), MANIFEST.action.default_popup, MANIFEST.options_ui.page, MANIFEST.storage.managed_schema, 'welcome.html', MANIFEST.side_panel.default_path, MANIFEST.sidebar_action.default_panel, ...MANIFEST.background.scripts]) {
		assert.ok(existsSync(new URL(path, ROOT)), path);
	}
});

test('every text that the code names is in the catalogues', () => {
	const named = [...MODULES, 'popup.html', 'panel.html', 'options.html', 'welcome.html', 'manifest.json'].flatMap(path =>
		[...read(path).matchAll(/texts\('(\w+)'\)|fill\(texts, '(\w+)'|data-text="(\w+)"|__MSG_(\w+)__/g)].map(found => found.slice(1).find(Boolean)));
	assert.ok(named.length > 30);
	for (const language of LANGUAGES) {
		const messages = catalogue(language);
		assert.deepEqual(named.filter(key => !messages[key]), [], language);
	}
});
