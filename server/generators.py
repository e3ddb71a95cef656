"""The habits of generators and editors: where each writes what, as one table.

Each row was read on a file or in the code that writes it. A tool that makes pictures says
`ai_generated`; where the note tells that a picture was given (img2img, inpainting), or the tool
also edits photographs, the row says `ai_edited` or `suspected_ai`. Of one tool's rows, and of the
rows for one value, the first that matches speaks, so the narrower row stands first.
"""

import re
from typing import NamedTuple

from server.evidence import Claim


class Generator(NamedTuple):
    """One habit: tool, field, what the field's value holds, claim, what it must not hold.

    Field: `text:` keyword of a PNG text, `exif:` tag, `xmp:` property, `iim:` IPTC dataset,
    `trailer:` record behind a JPEG. Texts hidden in pixels count as `text:`. `needs`: patterns,
    each searched alone, so that no value can make the search slow.
    """

    tool: str
    field: str
    needs: tuple[str, ...]
    claim: Claim
    lacks: str = ""

    def matches(self, field: str, value: str) -> bool:
        """Tell whether a field and its value are this habit."""
        return (
            field == self.field
            and all(re.search(pattern, value) for pattern in self.needs)
            and not (self.lacks and re.search(self.lacks, value))
        )


_AI, _EDITED, _SUSPECTED = Claim.AI_GENERATED, Claim.AI_EDITED, Claim.SUSPECTED_AI
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_JOB = (rf"\bJob ID: {_UUID}",)
_JSON = r"^\s{0,64}\{"
_ANY = (r"\S",)
_A1111 = (r"\bSteps: \d+, ", r"\bSampler: ")
_HIRES = r"\bHires (upscale|steps|upscaler): "
_MASKED = r"\b(Mask blur|Inpaint area|Masked content): "
_DENOISED = r"\bDenoising strength: "
_CIVITAI = r"\bCivitai (resources|metadata): "
_GIVEN = r'"[^"]{0,40}(img2img|image_to_image|inpaint|outpaint)'
_INVOKE_GIVEN = (_JSON, rf'"(generation_mode|type)"\s*:\s*{_GIVEN}')
_INVOKE_ENLARGED = (_JSON, r'"upscale_initial_image"\s*:\s*\{')
_NOVELAI_GIVEN = (_JSON, r'"request_type"\s*:\s*"(Img2Img|NativeInfilling)')
_COMFY = (_JSON, r'"class_type"\s*:')
_COMFY_WORKFLOW = (_JSON, r'"nodes"\s*:', r'"links"\s*:')
_SWARM = (_JSON, r'"sui_image_params"\s*:')
# The pictures themselves are never written, only how they were used.
_SWARM_GIVEN = (*_SWARM, r'"(initimage|maskimage|initimagecreativity|maskblur)"\s*:')
_EASY = (_JSON, r'"(use_stable_diffusion_model|Stable Diffusion model)"\s*:')
# One key alone is any experiment's: a plot may carry its parameters as well.
_FOOOCUS_FULL = (
    _JSON,
    r'"(base_model|full_prompt)"\s*:',
    r'"(performance|sharpness|full_prompt)"\s*:',
)
_DRAW_THINGS = (_JSON, r'"u?c"\s*:', r'"sampler"\s*:', r'"steps"\s*:')
_MFLUX = (_JSON, r'"mflux_version"\s*:')
_MFLUX_GIVEN = (*_MFLUX, r'"(image_path|masked_image_path)"\s*:\s*"')
_BYTEDANCE = (_JSON, r'"product"\s*:\s*"(doubao|xinghui|dreamina)"')
_BYTEDANCE_MADE = (*_BYTEDANCE, r'"exportType"\s*:\s*"generation"')
_SAMSUNG = (r'"genAIType"\s*:\s*"?[1-9]',)
_GROK = (r"^Signature: [A-Za-z0-9+/=]{64,}$",)
_MADE_GOOGLE, _EDITED_GOOGLE = (r"^Made with Google AI$",), (r"^Edited with Google AI$",)
_PLAYGROUND = (r"^Apple Image Playground$",)
_CLEAN_UP = (r"^Apple Photos\b.*\b(Clean Up|Generative)\b",)
_EXTRAS = (r"\b(Postprocess|Upscale|GFPGAN|CodeFormer)\b[^,:]{0,30}: ",)
_WEB_UI = "Stable Diffusion web UI"

GENERATORS = (
    Generator("Midjourney", "text:Description", _JOB, _AI),
    Generator("Midjourney", "xmp:description", _JOB, _AI),
    Generator("Midjourney", "exif:ImageDescription", _JOB, _AI),
    Generator("Midjourney", "iim:Caption-Abstract", _JOB, _AI),
    Generator("Civitai", "exif:UserComment", (*_A1111, _CIVITAI, _MASKED), _EDITED),
    Generator("Civitai", "exif:UserComment", (*_A1111, _CIVITAI, _DENOISED), _EDITED, _HIRES),
    Generator("Civitai", "exif:UserComment", (*_A1111, _CIVITAI), _AI),
    Generator("Civitai", "text:parameters", (*_A1111, _CIVITAI, _MASKED), _EDITED),
    Generator("Civitai", "text:parameters", (*_A1111, _CIVITAI, _DENOISED), _EDITED, _HIRES),
    Generator("Civitai", "text:parameters", (*_A1111, _CIVITAI), _AI),
    Generator(_WEB_UI, "text:parameters", (*_A1111, _MASKED), _EDITED),
    Generator(_WEB_UI, "exif:UserComment", (*_A1111, _MASKED), _EDITED),
    # A strength of denoising without enlargement: a picture was given.
    Generator(_WEB_UI, "text:parameters", (*_A1111, _DENOISED), _EDITED, _HIRES),
    Generator(_WEB_UI, "exif:UserComment", (*_A1111, _DENOISED), _EDITED, _HIRES),
    Generator(_WEB_UI, "xmp:UserComment", (*_A1111, _MASKED), _EDITED),
    Generator(_WEB_UI, "xmp:UserComment", (*_A1111, _DENOISED), _EDITED, _HIRES),
    Generator(_WEB_UI, "text:comment", (*_A1111, _MASKED), _EDITED),
    Generator(_WEB_UI, "text:comment", (*_A1111, _DENOISED), _EDITED, _HIRES),
    Generator(_WEB_UI, "text:parameters", _A1111, _AI),
    Generator(_WEB_UI, "exif:UserComment", _A1111, _AI),
    Generator(_WEB_UI, "xmp:UserComment", _A1111, _AI),
    Generator(_WEB_UI, "text:comment", _A1111, _AI),
    # Its "extras" tab enlarges and retouches any picture.
    Generator(_WEB_UI, "text:postprocessing", _EXTRAS, _SUSPECTED),
    Generator(_WEB_UI, "text:extras", _EXTRAS, _SUSPECTED),
    Generator("Fooocus", "text:fooocus_scheme", (r"^(fooocus|a1111)$",), _AI),
    Generator("Fooocus", "text:parameters", _FOOOCUS_FULL, _AI),
    Generator("Fooocus", "text:Comment", _FOOOCUS_FULL, _AI),
    Generator("Fooocus", "exif:MakerNote", (r"^(fooocus|a1111)$",), _AI),
    Generator("Fooocus", "exif:UserComment", _FOOOCUS_FULL, _AI),
    Generator("SwarmUI", "text:parameters", _SWARM_GIVEN, _EDITED),
    Generator("SwarmUI", "exif:UserComment", _SWARM_GIVEN, _EDITED),
    Generator("SwarmUI", "text:parameters", _SWARM, _AI),
    Generator("SwarmUI", "exif:UserComment", _SWARM, _AI),
    Generator("SwarmUI", "exif:Model", _SWARM, _AI),
    Generator("Easy Diffusion", "text:use_stable_diffusion_model", _ANY, _AI),
    Generator("Easy Diffusion", "text:Stable Diffusion model", _ANY, _AI),
    Generator("Easy Diffusion", "text:parameters", _EASY, _AI),
    Generator("Easy Diffusion", "exif:UserComment", _EASY, _AI),
    Generator("InvokeAI", "text:invokeai_metadata", _INVOKE_GIVEN, _EDITED),
    Generator("InvokeAI", "text:invokeai_metadata", _INVOKE_ENLARGED, _EDITED),
    Generator("InvokeAI", "text:invokeai_metadata", (_JSON,), _AI),
    Generator("InvokeAI", "text:sd-metadata", _INVOKE_GIVEN, _EDITED),
    Generator("InvokeAI", "text:sd-metadata", (_JSON,), _AI),
    Generator("InvokeAI", "text:Dream", (r"\s-s ?\d+", r"\s-S ?\d+"), _AI),
    Generator("NovelAI", "text:Comment", _NOVELAI_GIVEN, _EDITED),
    Generator("NovelAI", "text:Software", (r"^NovelAI$",), _AI),
    Generator("Draw Things", "xmp:CreatorTool", (r"^Draw Things",), _AI),
    Generator("Draw Things", "xmp:UserComment", _DRAW_THINGS, _AI),
    Generator("mflux", "exif:UserComment", _MFLUX_GIVEN, _EDITED),
    Generator("mflux", "xmp:UserComment", _MFLUX_GIVEN, _EDITED),
    Generator("mflux", "exif:UserComment", _MFLUX, _AI),
    Generator("mflux", "xmp:UserComment", _MFLUX, _AI),
    Generator("mflux", "xmp:CreatorTool", (r"(?i)^mflux\b",), _AI),
    Generator("mflux", "iim:OriginatingProgram", (r"(?i)^mflux\b",), _AI),
    Generator("FLUX", "exif:Software", (r"^AI generated;txt2img",), _AI),
    Generator("FLUX", "exif:Software", (r"^AI generated;",), _EDITED),
    Generator("AI Horde", "exif:Software", (r"(?i)\b(utilizing|using) the AI Horde",), _AI),
    Generator("Google AI", "xmp:Credit", _MADE_GOOGLE, _AI),
    Generator("Google AI", "iim:Credit", _MADE_GOOGLE, _AI),
    Generator("Google AI", "xmp:Credit", _EDITED_GOOGLE, _EDITED),
    Generator("Google AI", "iim:Credit", _EDITED_GOOGLE, _EDITED),
    Generator("Apple Image Playground", "xmp:Credit", _PLAYGROUND, _AI),
    Generator("Apple Image Playground", "iim:Credit", _PLAYGROUND, _AI),
    Generator("Apple Photos", "xmp:Credit", _CLEAN_UP, _EDITED),
    Generator("Apple Photos", "iim:Credit", _CLEAN_UP, _EDITED),
    Generator("Samsung Galaxy AI", "trailer:PhotoEditor_Re_Edit_Data", _SAMSUNG, _EDITED),
    Generator("Adobe Firefly", "exif:Software", (r"(?i)\bAdobe Firefly\b",), _EDITED),
    Generator("Adobe Firefly", "xmp:CreatorTool", (r"(?i)\bAdobe Firefly\b",), _EDITED),
    Generator("Grok", "exif:ImageDescription", _GROK, _AI),
    Generator("Grok", "exif:UserComment", _GROK, _AI),
    Generator("Ideogram", "exif:Make", (r"^Ideogram AI$",), _AI),
    Generator("Reve", "exif:Software", (r"(?i)^reve\.com$",), _AI),
    Generator("Reve", "xmp:CreatorTool", (r"(?i)^reve\.com$",), _AI),
    Generator("Luma", "text:Source", (r"^Luma AI$",), _AI),
    Generator("Doubao, Dreamina", "exif:UserComment", _BYTEDANCE_MADE, _AI),
    Generator("Doubao, Dreamina", "exif:ImageDescription", _BYTEDANCE_MADE, _AI),
    Generator("Doubao, Dreamina", "exif:UserComment", _BYTEDANCE, _SUSPECTED),
    Generator("Doubao, Dreamina", "exif:ImageDescription", _BYTEDANCE, _SUSPECTED),
    Generator("Volcengine", "exif:UserComment", (r"^generated_by_ai$",), _AI),
    # ComfyUI also edits photographs: a workflow says that a tool of this kind wrote the file.
    Generator("ComfyUI", "text:prompt", _COMFY, _SUSPECTED),
    Generator("ComfyUI", "text:workflow", _COMFY_WORKFLOW, _SUSPECTED),
    Generator("ComfyUI", "exif:Model", (r"^prompt:\s*\{", r'"class_type"\s*:'), _SUSPECTED),
    Generator("ComfyUI", "exif:Make", (r"^(workflow|Prompt):\s*\{",), _SUSPECTED),
    Generator("ComfyUI", "exif:ImageDescription", (r"^Workflow:\s*\{",), _SUSPECTED),
    Generator("ComfyUI", "exif:UserComment", _COMFY, _SUSPECTED),
    # A job that ran there; of which kind is not said.
    Generator("Hugging Face", "text:hf-job-id", _ANY, _SUSPECTED),
)
