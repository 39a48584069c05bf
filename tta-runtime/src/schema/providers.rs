//! The providers of models, with every name that conventions, price lists and programs have for them.

use std::collections::HashMap;
use std::sync::LazyLock;

use foldhash::quality::RandomState;

/// A provider, and its names elsewhere.
#[derive(Debug)]
pub(crate) struct Provider {
    /// The common name, which is also an alias.
    pub(crate) name: &'static str,
    /// The value of `gen_ai.provider.name` in OpenTelemetry's conventions, or else the common name.
    pub(crate) convention: &'static str,
    /// The id in the bundled prices; empty if they have no prices of this provider.
    pub(crate) bundled: &'static str,
    /// The values of `litellm_provider` in price files: its own first, then those of the same maker, whose prices apply to
    /// models that its own lack.
    pub(crate) files: &'static [&'static str],
    /// Other names, in the form of [`normalized`].
    aliases: &'static [&'static str],
}

/// Creates the row of a provider that has the same name everywhere.
const fn same(name: &'static str, aliases: &'static [&'static str]) -> Provider {
    Provider { name, convention: name, bundled: name, files: &[], aliases }
}

/// Creates the row of a provider whose prices are not bundled.
const fn unpriced(name: &'static str, files: &'static [&'static str], aliases: &'static [&'static str]) -> Provider {
    Provider { name, convention: name, bundled: "", files, aliases }
}

/// All providers that have more than one name.
pub(crate) static PROVIDERS: &[Provider] = &[
    Provider {
        files: &["openai", "text-completion-openai"],
        ..same(
            "openai",
            &["open_ai", "openai_chat", "openai_responses", "openai_completions", "openai_chat_completions", "chatgpt"],
        )
    },
    Provider {
        name: "azure",
        convention: "azure.ai.openai",
        bundled: "azure",
        files: &["azure", "azure_text", "azure_ai"],
        aliases: &[
            "azure_openai",
            "azureopenai",
            "azure_openai_service",
            "azure_ai_openai",
            "az_ai_openai",
            "azure_text",
            "azure_chat",
            "microsoft",
            "microsoft_azure",
            "azure_cognitive_services",
            "openai_azure",
        ],
    },
    Provider {
        name: "azure_ai",
        convention: "azure.ai.inference",
        bundled: "azure",
        files: &["azure_ai", "azure", "azure_text"],
        aliases: &[
            "azureai",
            "azure_ai_inference",
            "az_ai_inference",
            "azure_inference",
            "azure_ai_foundry",
            "azure_foundry",
            "azure_ai_studio",
            "microsoft_foundry",
        ],
    },
    Provider { files: &["anthropic"], ..same("anthropic", &["claude", "anthropic_messages", "anthropic_api"]) },
    Provider {
        name: "gemini",
        convention: "gcp.gemini",
        bundled: "google",
        files: &["gemini", "vertex_ai"],
        aliases: &[
            "gcp_gemini",
            "google_gemini",
            "google_gla",
            "google_ai_studio",
            "google_aistudio",
            "ai_studio",
            "googleai",
            "google_ai",
            "google_generative_ai",
            "google_generativeai",
        ],
    },
    Provider {
        name: "google",
        convention: "gcp.gen_ai",
        bundled: "google",
        files: &["gemini", "vertex_ai"],
        aliases: &["gcp", "gcp_gen_ai", "gcp_genai", "google_genai", "google_gen_ai", "google_cloud"],
    },
    Provider {
        name: "vertex_ai",
        convention: "gcp.vertex_ai",
        bundled: "google",
        files: &["vertex_ai", "gemini"],
        aliases: &[
            "vertex",
            "vertexai",
            "vertex_ai_beta",
            "gcp_vertex_ai",
            "gcp_vertexai",
            "google_vertex",
            "google_vertexai",
            "google_vertex_ai",
            "google_vertex_anthropic",
            "anthropic_vertex",
            "vertex_anthropic",
            "google_anthropic_vertex",
        ],
    },
    Provider {
        name: "bedrock",
        convention: "aws.bedrock",
        bundled: "aws",
        files: &["bedrock", "bedrock_converse", "amazon_nova", "bedrock_mantle"],
        aliases: &[
            "aws",
            "amazon",
            "aws_bedrock",
            "amazon_bedrock",
            "bedrock_converse",
            "bedrock_runtime",
            "bedrock_invoke",
            "aws_bedrock_runtime",
            "bedrock_anthropic",
            "anthropic_bedrock",
            "amazon_nova",
        ],
    },
    Provider {
        name: "bedrock_mantle",
        convention: "aws.bedrock",
        bundled: "aws",
        files: &["bedrock_mantle", "bedrock", "bedrock_converse"],
        aliases: &["aws_bedrock_mantle", "amazon_bedrock_mantle"],
    },
    Provider { files: &["cohere", "cohere_chat"], ..same("cohere", &["cohere_chat", "cohere_ai", "cohereai"]) },
    Provider {
        name: "mistral",
        convention: "mistral_ai",
        bundled: "mistral",
        files: &["mistral", "codestral", "text-completion-codestral"],
        aliases: &["mistralai", "mistral_ai", "la_plateforme", "codestral"],
    },
    Provider {
        name: "xai",
        convention: "x_ai",
        bundled: "x-ai",
        files: &["xai"],
        aliases: &["x_ai", "grok", "xai_grok"],
    },
    Provider { files: &["deepseek"], ..same("deepseek", &["deep_seek", "deepseek_ai", "deepseekai"]) },
    Provider { files: &["groq"], ..same("groq", &["groq_cloud", "groqcloud"]) },
    Provider { files: &["perplexity"], ..same("perplexity", &["perplexity_ai", "perplexityai", "pplx"]) },
    Provider {
        bundled: "together",
        files: &["together_ai"],
        ..same("together", &["together_ai", "togetherai", "together_computer", "together_xyz"])
    },
    Provider {
        bundled: "fireworks",
        files: &["fireworks_ai", "fireworks_ai-embedding-models"],
        ..same("fireworks", &["fireworks_ai", "fireworksai"])
    },
    Provider { files: &["openrouter"], ..same("openrouter", &["open_router", "openrouter_ai"]) },
    Provider {
        name: "moonshot",
        convention: "moonshot_ai",
        bundled: "moonshotai",
        files: &["moonshot"],
        aliases: &["moonshotai", "moonshot_ai", "kimi"],
    },
    Provider {
        name: "watsonx",
        convention: "ibm.watsonx.ai",
        bundled: "",
        files: &["watsonx"],
        aliases: &["watsonx_ai", "ibm", "ibm_watsonx", "ibm_watsonx_ai", "watsonx_text"],
    },
    Provider { files: &["cerebras"], ..same("cerebras", &["cerebras_ai"]) },
    Provider {
        files: &["cloudflare"],
        ..same("cloudflare", &["cloudflare_workers_ai", "workers_ai", "cloudflare_ai", "cloudflare_workers"])
    },
    Provider { files: &["databricks"], ..same("databricks", &["databricks_ai", "azure_databricks"]) },
    Provider {
        bundled: "github-copilot",
        files: &["github_copilot"],
        ..same("github_copilot", &["copilot", "githubcopilot"])
    },
    Provider { files: &["meta_llama", "meta"], ..same("meta", &["meta_llama", "meta_ai", "metaai", "llama_api"]) },
    Provider { files: &["minimax"], ..same("minimax", &["minimax_ai", "minimaxi", "mini_max"]) },
    Provider { files: &["novita"], ..same("novita", &["novita_ai", "novitaai"]) },
    Provider {
        files: &["ovhcloud"],
        ..same("ovhcloud", &["ovh", "ovh_cloud", "ovhcloud_ai", "ovhcloud_ai_endpoints", "ovh_ai_endpoints"])
    },
    Provider { bundled: "voyageai", files: &["voyage"], ..same("voyage", &["voyageai", "voyage_ai"]) },
    Provider { files: &["zai"], ..same("zai", &["z_ai"]) },
    Provider { files: &["zhipuai", "bigmodel"], ..same("zhipuai", &["zhipu", "zhipu_ai", "bigmodel", "glm"]) },
    Provider { files: &["baseten"], ..same("baseten", &["base_ten"]) },
    Provider { files: &["arcee"], ..same("arcee", &["arcee_ai", "arceeai"]) },
    Provider { files: &["elevenlabs"], ..same("elevenlabs", &["eleven_labs", "11labs"]) },
    Provider { files: &["modal"], ..same("modal", &["modal_labs"]) },
    Provider { files: &["avian"], ..same("avian", &["avian_io"]) },
    Provider { files: &["doubleword"], ..same("doubleword", &["doubleword_ai"]) },
    Provider { files: &["quicksilverpro"], ..same("quicksilverpro", &["quicksilver", "quicksilver_pro"]) },
    Provider { files: &["cursor"], ..same("cursor", &["cursor_ai"]) },
    Provider { files: &["typesafe"], ..same("typesafe", &["typesafe_ai"]) },
    Provider { bundled: "openai-decisions", ..same("openai_decisions", &[]) },
    huggingface("huggingface_cerebras", "huggingface_cerebras"),
    huggingface("huggingface_fireworks_ai", "huggingface_fireworks-ai"),
    huggingface("huggingface_groq", "huggingface_groq"),
    huggingface("huggingface_hyperbolic", "huggingface_hyperbolic"),
    huggingface("huggingface_nebius", "huggingface_nebius"),
    huggingface("huggingface_novita", "huggingface_novita"),
    huggingface("huggingface_nscale", "huggingface_nscale"),
    huggingface("huggingface_ovhcloud", "huggingface_ovhcloud"),
    huggingface("huggingface_publicai", "huggingface_publicai"),
    huggingface("huggingface_sambanova", "huggingface_sambanova"),
    huggingface("huggingface_together", "huggingface_together"),
    unpriced("ollama", &["ollama", "ollama_chat"], &["ollama_chat", "ollama_cloud"]),
    unpriced("deepinfra", &["deepinfra"], &["deep_infra"]),
    unpriced(
        "dashscope",
        &["dashscope", "qwen_ai_platform", "qwencloud"],
        &["alibaba", "alibaba_cloud", "aliyun", "qwen", "bailian"],
    ),
    unpriced("nvidia_nim", &["nvidia_nim"], &["nvidia", "nim"]),
    unpriced("sambanova", &["sambanova"], &["samba_nova"]),
    unpriced("nebius", &["nebius"], &["nebius_ai", "nebius_ai_studio"]),
    unpriced("hyperbolic", &["hyperbolic"], &["hyperbolic_ai"]),
    unpriced("replicate", &["replicate"], &["replicate_ai"]),
    unpriced("ai21", &["ai21", "ai21_chat"], &["ai21_labs", "ai21labs", "ai21_chat"]),
    unpriced("lambda", &["lambda_ai"], &["lambda_ai", "lambdalabs", "lambda_labs"]),
    unpriced("volcengine", &["volcengine"], &["ark", "volc_engine", "bytedance", "doubao"]),
    unpriced("vercel", &["vercel_ai_gateway"], &["vercel_ai_gateway", "ai_gateway", "vercel_ai"]),
    unpriced("snowflake", &["snowflake"], &["snowflake_cortex", "cortex"]),
    unpriced("oci", &["oci"], &["oracle", "oracle_cloud", "oci_genai"]),
    unpriced("jina", &["jina_ai"], &["jina_ai", "jinaai"]),
    unpriced("huggingface", &["huggingface"], &["hugging_face", "hf"]),
    unpriced("sagemaker", &["sagemaker"], &["aws_sagemaker", "amazon_sagemaker", "sagemaker_chat"]),
    unpriced("litellm", &["litellm_proxy"], &["litellm_proxy", "lite_llm"]),
];

/// Creates the row of a provider behind the router of Hugging Face.
const fn huggingface(name: &'static str, bundled: &'static str) -> Provider {
    Provider { name, convention: name, bundled, files: &[], aliases: &[] }
}

/// Returns a name in lower case, with `_` between its words.
pub(crate) fn normalized(name: &str) -> String {
    name.trim().to_lowercase().replace(['-', '.', ' ', '/'], "_")
}

/// The rows by each of their names.
static BY_NAME: LazyLock<HashMap<String, &'static Provider, RandomState>> = LazyLock::new(|| {
    let own = PROVIDERS.iter().flat_map(|row| row.aliases.iter().chain([&row.name]).map(move |name| (*name, row)));
    // Several rows may share the name of a convention or an id: the first one has it, unless it is the own name of another.
    let others = PROVIDERS.iter().flat_map(|row| [(row.convention, row), (row.bundled, row)]);
    let mut rows = HashMap::default();
    for (name, row) in own.chain(others).filter(|(name, _)| !name.is_empty()) {
        rows.entry(normalized(name)).or_insert(row);
    }
    rows
});

impl Provider {
    /// Finds the provider with exactly this name, in any spelling.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        // A name that is a key is in its own normal form.
        BY_NAME.get(name).or_else(|| BY_NAME.get(&normalized(name))).copied()
    }

    /// Finds the provider with this name, or else the one whose name is the longest sequence of words in it: `bedrock-eu` is
    /// Bedrock.
    pub(crate) fn in_name(name: &str) -> Option<&'static Self> {
        Self::named(name).or_else(|| {
            let words = format!("_{}_", normalized(name));
            let contained = BY_NAME.iter().filter(|(name, _)| words.contains(&format!("_{name}_")));
            contained.max_by_key(|(name, _)| (name.len(), *name)).map(|(_, row)| *row)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{PROVIDERS, Provider, normalized};

    #[test]
    fn every_spelling_of_a_provider_is_known() {
        let names = [
            ("OpenAI", "openai"),
            ("azure.ai.openai", "azure"),
            ("az.ai.openai", "azure"),
            ("azure.ai.inference", "azure_ai"),
            ("azure-ai", "azure_ai"),
            ("gcp.gen_ai", "google"),
            ("gcp.vertex_ai", "vertex_ai"),
            ("gcp.gemini", "gemini"),
            ("google-gla", "gemini"),
            ("aws.bedrock", "bedrock"),
            ("amazon-bedrock", "bedrock"),
            ("mistral_ai", "mistral"),
            ("x_ai", "xai"),
            ("x-ai", "xai"),
            ("x.ai", "xai"),
            ("togetherai", "together"),
            ("together.ai", "together"),
            ("perplexity_ai", "perplexity"),
            ("fireworks_ai", "fireworks"),
            ("moonshotai", "moonshot"),
            ("huggingface_fireworks-ai", "huggingface_fireworks_ai"),
        ];
        for (name, expected) in names {
            assert_eq!(Provider::named(name).map(|row| row.name), Some(expected), "{name}");
        }
        let contained = ["bedrock-eu-1", "our azure openai", "openai-compatible", "xaiver", "a-provider-of-ours"];
        let rows = contained.map(|name| Provider::in_name(name).map(|row| row.name));
        assert_eq!(rows, [Some("bedrock"), Some("azure"), Some("openai"), None, None]);
    }

    #[test]
    fn every_provider_with_bundled_prices_has_a_row() {
        for provider in genai_prices::Calculator::bundled().providers() {
            let row = Provider::named(provider.id());
            assert_eq!(row.map(|row| row.bundled), Some(provider.id()), "{}", provider.id());
        }
    }

    #[test]
    fn no_name_has_two_providers() {
        let mut names = std::collections::BTreeMap::new();
        for row in PROVIDERS {
            for name in row.aliases.iter().chain([&row.name]) {
                assert_eq!(normalized(name), *name, "{name} is written in another form");
                assert_eq!(names.insert(*name, row.name), None, "{name}");
            }
        }
    }
}
