"""Compares the prices of calls by LiteLLM's calculator with ours, and writes a page. Run it through scripts/oracle."""

import collections
import importlib.metadata
import json
import logging
import pathlib
import subprocess
import sys

import litellm
from litellm.types.utils import CompletionTokensDetailsWrapper, PromptTokensDetailsWrapper, Usage

logging.disable(logging.CRITICAL)
litellm.suppress_debug_info = True
program, page = sys.argv[1], pathlib.Path(sys.argv[2])
source = pathlib.Path(litellm.__file__).with_name("model_prices_and_context_window_backup.json")
models = json.loads(source.read_text())

# Each kind of call: its tokens by kind, and its tier.
PLAIN = {"input": 1000, "output": 200}
KINDS = {
    "plain": PLAIN,
    "cached input": PLAIN | {"cached": 400},
    "cache write for 5 minutes": PLAIN | {"cached": 100, "write_5m": 300},
    "cache write for an hour": PLAIN | {"cached": 100, "write_5m": 200, "write_1h": 100},
    "reasoning": PLAIN | {"reasoning": 150},
    "audio": PLAIN | {"audio_in": 300, "audio_out": 100},
    "cached audio": PLAIN | {"cached": 400, "cached_audio": 100, "audio_in": 300},
    "images": PLAIN | {"image_in": 300, "image_out": 100},
    "cached images": PLAIN | {"cached": 400, "cached_image": 100, "image_in": 300},
    "video": PLAIN | {"video_in": 300, "video_out": 100},
    "input above 128k": {"input": 130_000, "output": 200, "cached": 40_000},
    "input above 200k": {"input": 210_000, "output": 200, "cached": 40_000},
    "input above 200k, cache write": {"input": 210_000, "output": 200, "write_5m": 4_000, "write_1h": 500},
    "input above 272k": {"input": 280_000, "output": 200, "cached": 40_000, "reasoning": 100},
    "input above 512k": {"input": 600_000, "output": 200, "cached": 40_000},
    "batch": PLAIN | {"cached": 400, "tier": "batch"},
    "batch above 200k": {"input": 280_000, "output": 200, "cached": 40_000, "tier": "batch"},
    "flex": PLAIN | {"cached": 400, "reasoning": 100, "tier": "flex"},
    "flex above 200k": {"input": 280_000, "output": 200, "cached": 40_000, "tier": "flex"},
    "balanced": PLAIN | {"cached": 400, "reasoning": 100, "tier": "balanced"},
    "priority": PLAIN | {"cached": 400, "reasoning": 100, "tier": "priority"},
    "priority above 200k": {"input": 280_000, "output": 200, "cached": 40_000, "tier": "priority"},
}
PROVIDERS = {"bedrock_converse": "bedrock", "vertex_ai_beta": "vertex_ai"}


# The tiers that LiteLLM prices by a guess (half of the list price) where the file has no price.
NEEDS_PRICE = {"batch": "_batches"}
INPUT, OUTPUT, IMAGES = "input_cost_per_token", "output_cost_per_token", "output_cost_per_image_token"


def entry_of(model):
    """Returns the fields of a model, with those of the one that it is an alias of."""
    return models.get(models[model].get("alias_of"), {}) | models[model]


def has(entry, field):
    """Returns whether an entry has a field with a value."""
    return entry.get(field) is not None


def provider_of(entry):
    """Returns the name with which LiteLLM's calculator is called: its file splits some providers by makers."""
    provider = entry.get("litellm_provider", "")
    return "vertex_ai" if provider.startswith("vertex_ai") else PROVIDERS.get(provider, provider)


def usage_of(call):
    """Returns the usage as LiteLLM has it."""
    of = lambda key: call.get(key, 0)
    cached = {"audio_tokens": of("cached_audio"), "image_tokens": of("cached_image")}
    cached["text_tokens"] = of("cached") - sum(cached.values())
    writes = None
    if of("write_1h"):
        # OpenAI keeps what is written for 12 hours, where Anthropic does for one.
        longer = "ephemeral_12h_input_tokens" if call["longest_write"] == "12h" else "ephemeral_1h_input_tokens"
        writes = {"ephemeral_5m_input_tokens": of("write_5m"), longer: of("write_1h")}
    details = {
        "cached_tokens": of("cached"),
        "cache_creation_tokens": of("write_5m") + of("write_1h"),
        "cache_creation_token_details": writes,
        # LiteLLM's counts of a modality include what of it was cached; ours do not.
        "audio_tokens": of("audio_in") + of("cached_audio"),
        "image_tokens": of("image_in") + of("cached_image"),
        "video_tokens": of("video_in"),
    }
    if of("cached_audio") or of("cached_image"):
        details["cached_tokens_details"] = cached
    received = {
        "reasoning_tokens": of("reasoning"),
        "audio_tokens": of("audio_out"),
        "image_tokens": of("image_out"),
        "video_tokens": of("video_out"),
    }
    return Usage(
        prompt_tokens=of("input"),
        completion_tokens=of("output"),
        total_tokens=of("input") + of("output"),
        prompt_tokens_details=PromptTokensDetailsWrapper(**details),
        completion_tokens_details=CompletionTokensDetailsWrapper(**received),
    )


def price_by_litellm(call):
    """Returns the price in dollars, or None if LiteLLM has none."""
    tier = call.get("tier")
    try:
        return sum(
            litellm.cost_per_token(
                model=call["model"],
                custom_llm_provider=call["provider"],
                usage_object=usage_of(call),
                service_tier=None if tier == "batch" else tier,
                call_type="retrieve_batch" if tier == "batch" else "completion",
            )
        )
    except Exception:
        return None


OUTPUTS = ["output", "reasoning", "audio_out", "image_out", "video_out"]
calls = []
for model in models:
    entry = entry_of(model)
    directions = [any(has(entry, price) for price in prices) for prices in ([INPUT, "tiered_pricing"], [OUTPUT, IMAGES, "tiered_pricing"])]
    if model == "sample_spec" or not any(directions):
        continue
    for kind, tokens in KINDS.items():
        tier = tokens.get("tier")
        if tier in NEEDS_PRICE and not any(name.endswith(NEEDS_PRICE[tier]) and has(entry, name) for name in entry):
            continue
        call = {"model": model, "provider": provider_of(entry), "kind": kind, **tokens}
        call["longest_write"] = "12h" if has(entry, "cache_creation_input_token_cost_above_12hr") else "1h"
        for name in tokens.keys() - {"tier"}:
            # Nothing says what tokens of a direction without a price cost: LiteLLM counts 0, and ours has no price.
            if not directions[name in OUTPUTS]:
                call[name] = 0
        calls.append(call)
theirs = [price_by_litellm(call) for call in calls]
lines = "".join(json.dumps(call) + "\n" for call in calls)
answers = subprocess.run([program, str(source)], input=lines, capture_output=True, text=True, check=True).stdout
ours = [None if answer == "none" else int(answer) for answer in answers.split()]
assert len(ours) == len(calls), "each call has an answer"


def are_equal(dollars, nanos):
    """Returns whether our price is theirs to the nano-dollar; theirs is a float."""
    return abs(dollars * 1e9 - nanos) <= 0.5 + 1e-9 * nanos


rows = [
    {"call": call, "theirs": dollars, "ours": nanos, "entry": entry_of(call["model"])}
    for call, dollars, nanos in zip(calls, theirs, ours)
]
# The reasons of differences: a name, an explanation, and a test of a row. The first that holds is the reason.
CAUSES = [
    (
        "No price for tokens",
        "The entry has no price per token, for example one per search. LiteLLM counts its tokens as 0; ours has no price, so that the call is `unpriced`.",
        lambda row: row["theirs"] == 0 and row["ours"] is None,
    ),
    (
        "Prices by the time of the day",
        "The entry has `off_peak_pricing`. LiteLLM takes the price of the time at which it calculates; ours is the list price, and the call is `partly_priced_tier`. This group is empty if the script runs outside of those hours.",
        lambda row: has(row["entry"], "off_peak_pricing"),
    ),
    (
        "Fee per request",
        "The entry has `input_cost_per_request`, which LiteLLM's calculator for Perplexity leaves out. Perplexity bills it.",
        lambda row: has(row["entry"], "input_cost_per_request"),
    ),
    (
        "Long inputs and cache writes at Perplexity",
        "LiteLLM's calculator for Perplexity does not read the prices of long inputs and of cache writes that the entry has.",
        lambda row: row["call"]["provider"] == "perplexity"
        and any("_above_" in name or name.startswith("cache_creation") for name in row["entry"] if has(row["entry"], name)),
    ),
    (
        "Tiers at Fireworks",
        "LiteLLM's calculator for Fireworks is not given the tier, although the entry has prices of the tier `priority`.",
        lambda row: row["call"]["provider"] == "fireworks_ai" and "tier" in row["call"],
    ),
    (
        "Batches of models that draw",
        "The entry has a price for batches of image tokens and no `output_cost_per_token`. LiteLLM counts what is returned in a batch as 0 then, and as images outside of batches; ours always counts images.",
        lambda row: row["call"].get("tier") == "batch" and not has(row["entry"], OUTPUT) and has(row["entry"], IMAGES),
    ),
    (
        "Batches with a long input",
        "The entry has prices for batches and for long inputs, and none for both. LiteLLM takes the batch's price of a short input; ours is the list price of a long one, and the call is `partly_priced_tier`.",
        lambda row: row["call"].get("tier") == "batch"
        and any("_above_" in name for name in row["entry"] if has(row["entry"], name) and not name.endswith("_batches")),
    ),
    (
        "Batches with a price in part",
        "The entry has a price for batches of some kinds of token only. LiteLLM halves the list price of the others; ours is their list price.",
        lambda row: row["call"].get("tier") == "batch",
    ),
    (
        "Cache writes at DeepSeek",
        "LiteLLM's calculator for DeepSeek counts tokens that were written to the cache as 0. DeepSeek reports no such tokens.",
        lambda row: row["call"]["provider"] == "deepseek" and "write_5m" in row["call"],
    ),
    (
        "Videos in Gemini's live models",
        "LiteLLM's calculator for Gemini prices tokens of videos as those of images where an entry has no price for them; ours are priced as text.",
        lambda row: "video_in" in row["call"] and has(row["entry"], "input_cost_per_image_token"),
    ),
    (
        "Two entries for one name",
        "LiteLLM looks for `provider/model` first, and leaves out a provider that is named twice; ours takes the entry whose key is the name itself. The file has both, with different prices.",
        lambda row: f"{row['call']['provider']}/{row['call']['model']}" in models
        or row["call"]["model"].removeprefix(row["call"]["provider"] + "/") in models,
    ),
]


def cause_of(row):
    return next((name for name, _, holds in CAUSES if holds(row)), "Not explained")


is_equal = lambda row: row["theirs"] is not None and row["ours"] is not None and are_equal(row["theirs"], row["ours"])
compared = [row for row in rows if row["theirs"] is not None]
different = [row for row in compared if not is_equal(row)]
by_cause = collections.Counter(map(cause_of, different))
by_kind = {kind: [row for row in compared if row["call"]["kind"] == kind] for kind in KINDS}
share = 1 - len(different) / len(compared)
shown_share = f"{int(share * 10_000) / 100:.2f} %"


def example(name):
    row = next(row for row in different if cause_of(row) == name)
    ours = "none" if row["ours"] is None else f"${row['ours'] / 1e9:.9f}"
    return f"`{row['call']['model']}` ({row['call']['kind']}): LiteLLM ${row['theirs']:.9f}, ours {ours}"


lines = [
    "# Coverage of prices",
    "",
    f"Written by `scripts/oracle` with LiteLLM {importlib.metadata.version('litellm')}. Each model with a price per token in LiteLLM's own",
    "file is priced by LiteLLM's calculator (`litellm.cost_per_token`) and by ours with the same file, for each kind of call below. *Equal*",
    "is equal to the nano-dollar.",
    "",
    f"**{len(compared):,} calls of {len({row['call']['model'] for row in compared}):,} models of {len({row['call']['provider'] for row in compared})} providers compared, {len(compared) - len(different):,} equal: {shown_share}.**",
    "",
    "| kind of call | compared | equal |",
    "|---|---|---|",
    *(f"| {kind} | {len(of_kind):,} | {sum(map(is_equal, of_kind)):,} |" for kind, of_kind in by_kind.items()),
    "",
    "Calls in a batch are compared for models with some price for batches: without one, LiteLLM halves the list price, and ours is the list",
    "price, marked `partly_priced_tier`. Tokens of a direction that a model has no price for are left out, such as output of an embedding model:",
    "LiteLLM counts them as 0, and ours has no price for them. Calls that are billed by something besides tokens are not compared here.",
    "",
    "## The differences",
    "",
]
for name, text, _ in CAUSES:
    if by_cause[name]:
        lines += [f"**{name}** ({by_cause[name]:,}). {text} For example {example(name)}.", ""]
if by_cause["Not explained"]:
    lines += [f"**Not explained** ({by_cause['Not explained']:,}). For example {example('Not explained')}.", ""]
page.write_text("\n".join(lines))
print(f"{len(compared):,} compared, {shown_share} equal")
if share < 0.99 or len(compared) < 7_000 or by_cause["Not explained"]:
    sys.exit(f"too many differences: {dict(by_cause)}")
