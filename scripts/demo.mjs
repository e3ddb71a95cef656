/**
 * Show Touchstone at work: a gallery of nine files in a browser with the extension, already paired.
 *
 *     node scripts/demo.mjs [--browser chromium|firefox] [--language en|zh-CN]
 *                           [--screenshot FILE [--card N [--panel]]] [--running]
 *
 * It starts a server of its own; --running uses the one at the default address instead.
 * --screenshot runs without a window, writes a PNG and ends; --card opens the Nth picture's card;
 * --panel takes the side panel's picture instead of the page's.
 */

import {execFileSync} from 'node:child_process';
import {parseArgs} from 'node:util';

import {EXPECTED, pair} from '../tests/browser/bench.mjs';
import {BROWSERS, until} from '../tests/browser/driver.mjs';
import {startSite} from '../tests/browser/site.mjs';
import {PYTHON, ROOT, drawPictures, startServer} from '../tests/browser/touchstone.mjs';

const WIDTH = 1180;
const HEIGHT = 1130;
const PANEL = [420, 1345];

/** What each file of the gallery is: title and explanation. @type {Record<string, Record<string, [string, string]>>} */
const CAPTIONS = {
	en: {
		'ai-signed.jpg': ['Signed by a generator', 'A content credential says AI made it. The signer is on no trust list.'],
		'ai-signed-altered.jpg': ['Changed after signing', 'The same file with one byte of the picture changed.'],
		'aigc-label-1.png': ['Labelled after GB 45438', 'The implicit AIGC label that Chinese law asks for, Label 1.'],
		'aigc-label-2.jpg': ['Declared by its uploader', 'An AIGC label with Label 2: possibly AI.'],
		'iptc.jpg': ['IPTC digital source type', 'Metadata that name a trained model as the source.'],
		'midjourney.png': ['A generator’s own note', 'The text that Midjourney writes into its PNG files.'],
		'camera.jpg': ['Camera data only', 'EXIF as a camera writes it. No label, and no proof of anything.'],
		'broken.jpg': ['A damaged file', 'The first 600 bytes of a JPEG.'],
		'missing.jpg': ['A missing file', 'The site answers 404.'],
	},
	zh: {
		'ai-signed.jpg': ['生成工具签名', '内容凭证说明由AI生成，签名者不在信任列表中。'],
		'ai-signed-altered.jpg': ['签名后被改动', '同一文件，图片数据改动了一个字节。'],
		'aigc-label-1.png': ['按GB 45438标识', '法规要求的AIGC隐式标识，Label为1。'],
		'aigc-label-2.jpg': ['上传者声明', 'AIGC标识，Label为2：可能为AI生成。'],
		'iptc.jpg': ['IPTC数字来源类型', '元数据写明来源是训练得到的模型。'],
		'midjourney.png': ['生成工具自己的记录', 'Midjourney写入PNG文件的文字。'],
		'camera.jpg': ['只有相机信息', '相机写入的EXIF。没有标识，也不能证明什么。'],
		'broken.jpg': ['损坏的文件', '一个JPEG文件的前600字节。'],
		'missing.jpg': ['不存在的文件', '网站返回404。'],
	},
};
const HEADINGS = {
	en: ['Nine pictures, nine answers', 'All landscapes were drawn by a script; what differs is what each file says about itself. Press a badge to see what was found.'],
	zh: ['九张图片，九个结果', '所有风景都由脚本绘制，不同之处在于文件中的标识。点击徽标查看检测结果。'],
};

/** @param {'en' | 'zh'} language */
function gallery(language) {
	const [title, lead] = HEADINGS[language];
	const figures = Object.keys(EXPECTED).map(name => {
		const [heading, text] = CAPTIONS[language][name];
		return `<figure><div><img src="/${name}" alt="${heading}"></div><figcaption><b>${heading}</b><span>${text}</span><code>${name}</code></figcaption></figure>`;
	});
	return `<!doctype html><html lang="${language}"><meta charset="utf-8"><title>${title}</title><style>
		body { margin: 0 auto; max-width: 1080px; padding: 40px 24px; background: #f6f5f2; color: #1c1b19;
			font: 15px/1.5 system-ui, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; }
		h1 { margin: 0 0 6px; font-size: 30px; letter-spacing: -.01em; } p { margin: 0 0 28px; max-width: 46em; color: #55524c; }
		main { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 26px; }
		figure { margin: 0; background: #fff; border-radius: 12px; overflow: hidden; box-shadow: 0 1px 3px #0002, 0 6px 18px #0000000f; }
		figure div { background: #e4e1da; } img { display: block; width: 100%; height: 186px; object-fit: cover; color: transparent; }
		figcaption { display: grid; gap: 2px; padding: 12px 16px 14px; font-size: 13.5px; } b { font-size: 15px; }
		span { color: #55524c; min-height: 3em; } code { color: #7a766e; font-size: 12px; }
	</style><h1>${title}</h1><p>${lead}</p><main>${figures.join('\n')}</main>`;
}

/** A server that already runs at the default address, told a fresh code by the command line. */
function runningServer() {
	return {
		address: 'http://127.0.0.1:4543',
		code: () => execFileSync(PYTHON, ['-m', 'server', 'pair'], {cwd: ROOT, encoding: 'utf8'}).trim(),
		end: async () => {},
	};
}

/** @param {any} driver @param {import('puppeteer-core').Page} page @param {{screenshot?: string, card: string, panel: boolean}} wanted */
async function photograph(driver, page, {screenshot: file = '', card, panel}) {
	const badges = await until(async () => {
		const shown = (await driver.badges(page)).filter(({hidden}) => !hidden);
		return shown.length === 9 && shown;
	}, 'nine badges');
	if (Number(card) > 0) {
		const {rect} = badges.sort((a, b) => a.rect.y - b.rect.y || a.rect.x - b.rect.x)[Number(card) - 1];
		await page.mouse.click(rect.x + 12, rect.y + 12);
	}
	// The pointer must not hover over a badge in the picture.
	await page.mouse.move(4, 4);
	await new Promise(resolve => setTimeout(resolve, 600));
	await (panel ? photographPanel(driver, page, file) : page.screenshot({path: /** @type {any} */ (file)}));
}

/** @param {any} driver @param {import('puppeteer-core').Page} page @param {string} file */
async function photographPanel({popup, ours}, page, file) {
	const tab = await popup.evaluate(async url => (await (globalThis.browser ?? chrome).tabs.query({})).find(tab => tab.url === url).id, page.url());
	const panel = await ours(`panel.html?tab=${tab}`);
	await panel.size(...PANEL);
	await panel.show();
	await until(() => panel.evaluate(() => document.querySelector('#image').complete && !document.querySelector('#image').hidden), 'the panel');
	await panel.screenshot(file);
}

async function main() {
	const {values} = parseArgs({options: {
		browser: {type: 'string', default: 'chromium'}, language: {type: 'string', default: 'en'},
		screenshot: {type: 'string'}, card: {type: 'string', default: '0'}, panel: {type: 'boolean', default: false}, running: {type: 'boolean', default: false},
	}});
	const browser = BROWSERS.find(({kind}) => kind === values.browser);
	if (!browser?.path) {
		throw new Error(`There is no ${values.browser} here. Set CHROMIUM or FIREFOX to its path.`);
	}
	const pictures = drawPictures();
	const page = gallery(values.language.startsWith('zh') ? 'zh' : 'en');
	const site = await startSite(path => path === '' ? page : pictures.get(path));
	const server = values.running ? runningServer() : await startServer();
	const headless = values.screenshot !== undefined;
	const viewport = headless ? {width: WIDTH, height: HEIGHT} : null;
	const driver = await browser.launch(browser.path, {headless, viewport, language: values.language});
	try {
		await pair({popup: driver.popup, server});
		const tab = await driver.browser.newPage();
		await tab.goto(`${site.address}/`);
		await tab.bringToFront();
		if (values.screenshot) {
			await photograph(driver, tab, values);
		} else {
			await driver.popup.close();
			console.log(`The gallery is at ${site.address}/ in the window that has opened. Close the window to end.`);
			await new Promise(resolve => driver.browser.on('disconnected', resolve));
		}
	} finally {
		await driver.close().catch(() => {});
		await server.end();
		site.end();
	}
}

await main();
