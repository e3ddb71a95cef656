/** The welcome page: connect to the server, decide where to look, know what is promised. */

import {showConnection, startConnection} from './connect.js';
import {browser} from './lib/browser.js';
import {translate} from './lib/elements.js';
import {ask} from './lib/messages.js';
import {showWhere, startWhere} from './where.js';

const REFRESH_MS = 1000;

async function refresh() {
	const status = await ask('status', {tab: -1});
	showConnection(status);
	await showWhere(status);
}

translate(key => browser.i18n.getMessage(key));
startConnection(refresh);
startWhere(refresh);
document.getElementById('options')?.addEventListener('click', () => void browser.runtime.openOptionsPage());
// A tab that nobody looks at must not keep the background awake.
setInterval(() => document.hidden || refresh(), REFRESH_MS);
document.addEventListener('visibilitychange', () => document.hidden || refresh());
void refresh();
