/** The page of the demonstration: nine pictures, each with what its file says of itself. */

import {EXPECTED} from '../tests/browser/bench.mjs';

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
	zh: ['九张图片，九个结果', '所有风景都由脚本绘制，不同之处在于文件中的标识。点击标签查看检测结果。'],
};

/** The page, in a language. @param {'en' | 'zh'} language */
export function gallery(language) {
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
