/** The real server, on a free port, with a store of its own. */

import {execFileSync, spawn} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OWN = join(ROOT, '.venv', process.platform === 'win32' ? 'Scripts' : 'bin', 'python');
export const PYTHON = process.env.PYTHON || (existsSync(OWN) ? OWN : 'python');

/**
 * Start it; `code` is a fresh pairing code, `restart` starts it again on the same port.
 * @param {string} [policy]
 * @param {string[]} [program] what Python runs
 */
export async function startServer(policy = 'cautious', program = ['-m', 'server']) {
	const data = mkdtempSync(join(tmpdir(), 'touchstone-data-'));
	let {child, address} = await serve(data, '0', policy, program);
	const stop = () => new Promise(resolve => {
		child.once('exit', resolve);
		child.kill('SIGTERM');
	});
	return {
		address,
		stop,
		code: () => execFileSync(PYTHON, ['-m', 'server', 'pair', '--data', data], {cwd: ROOT, encoding: 'utf8'}).trim(),
		revoke: id => void execFileSync(PYTHON, ['-m', 'server', 'tokens', '--data', data, '--revoke', id], {cwd: ROOT}),
		restart: async () => {
			({child} = await serve(data, new URL(address).port, policy, program));
		},
		end: async () => {
			if (child.exitCode === null && child.signalCode === null) {
				await stop();
			}
			rmSync(data, {recursive: true, force: true});
		},
	};
}

/** @param {string} data @param {string} port @param {string} policy @param {string[]} program */
async function serve(data, port, policy, program) {
	const child = spawn(PYTHON, [...program, 'serve', '--port', port, '--data', data, '--policy', policy], {
		cwd: ROOT, env: {...process.env, PYTHONUNBUFFERED: '1'}, stdio: ['ignore', 'pipe', 'pipe'],
	});
	// Ctrl+C ends this process without its `finally`.
	process.once('exit', () => child.kill());
	let said = '';
	const address = await new Promise((resolve, reject) => {
		child.stdout.on('data', text => {
			said += text;
			const [, found] = said.match(/at (http:\/\/127\.0\.0\.1:\d+)\//) ?? [];
			if (found) {
				resolve(found);
			}
		});
		child.stderr.on('data', text => {
			said += text;
		});
		child.once('exit', () => reject(new Error(`The server ended: ${said}`)));
	});
	return {child, address: String(address)};
}

/**
 * A home with a tiny model, by the `register` of a module of the Python tests, for the servers that start from now on.
 * @param {string} module
 */
export function registerHome(module) {
	const folder = mkdtempSync(join(tmpdir(), 'touchstone-home-'));
	const program = `import sys, pathlib, tests.${module}\ntests.${module}.register(pathlib.Path(sys.argv[1]))`;
	execFileSync(PYTHON, ['-c', program, folder], {cwd: ROOT});
	Object.assign(process.env, {TOUCHSTONE_HOME: folder, TOUCHSTONE_MODEL: 'mine'});
	return {end: () => rmSync(folder, {recursive: true, force: true})};
}

/** The pictures of the gallery, by name. @returns {Map<string, Buffer>} */
export function drawPictures() {
	const folder = mkdtempSync(join(tmpdir(), 'touchstone-pictures-'));
	execFileSync(PYTHON, ['-m', 'scripts.pictures', folder], {cwd: ROOT});
	const pictures = new Map(readdirSync(folder).map(name => [name, readFileSync(join(folder, name))]));
	rmSync(folder, {recursive: true});
	return pictures;
}
