//! Quantities besides tokens for which a call may be billed.

use super::usage::Usage;

/// A quantity besides tokens that may have a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    WebSearches,
    FileSearches,
    CodeExecutions,
    OtherToolCalls,
    RerankSearches,
    DocumentPages,
    AnnotatedDocumentPages,
    AudioMilliseconds,
    InputCharacters,
    TextMessages,
}

impl Quantity {
    pub(crate) const ALL: [Self; 10] = [
        Self::WebSearches,
        Self::FileSearches,
        Self::CodeExecutions,
        Self::OtherToolCalls,
        Self::RerankSearches,
        Self::DocumentPages,
        Self::AnnotatedDocumentPages,
        Self::AudioMilliseconds,
        Self::InputCharacters,
        Self::TextMessages,
    ];

    /// Returns the name, which is that of the usage's field.
    #[cfg(feature = "page")]
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::WebSearches => "web_searches",
            Self::FileSearches => "file_searches",
            Self::CodeExecutions => "code_executions",
            Self::OtherToolCalls => "other_tool_calls",
            Self::RerankSearches => "rerank_searches",
            Self::DocumentPages => "document_pages",
            Self::AnnotatedDocumentPages => "annotated_document_pages",
            Self::AudioMilliseconds => "audio_milliseconds",
            Self::InputCharacters => "input_characters",
            Self::TextMessages => "text_messages",
        }
    }

    /// Returns how much of it was used.
    #[cfg(feature = "page")]
    pub(crate) fn of(self, usage: &Usage) -> u64 {
        usage.quantities().get(self as usize).copied().unwrap_or(0)
    }

    /// Returns a usage without it.
    #[cfg(feature = "page")]
    pub(crate) fn without(self, usage: &Usage) -> Usage {
        let mut usage = usage.clone();
        match self {
            Self::WebSearches => usage.web_searches = 0,
            Self::FileSearches => usage.file_searches = 0,
            Self::CodeExecutions => usage.code_executions = 0,
            Self::OtherToolCalls => usage.other_tool_calls = 0,
            Self::RerankSearches => usage.rerank_searches = 0,
            Self::DocumentPages => usage.document_pages = usage.annotated_document_pages,
            Self::AnnotatedDocumentPages => {
                usage.document_pages = usage.document_pages.saturating_sub(usage.annotated_document_pages);
                usage.annotated_document_pages = 0;
            }
            Self::AudioMilliseconds => usage.audio_milliseconds = 0,
            Self::InputCharacters => usage.input_characters = 0,
            Self::TextMessages => usage.text_messages = 0,
        }
        usage
    }

    /// Returns whether the provider ran a tool, instead of reading or writing something other than tokens.
    pub(crate) const fn is_tool(self) -> bool {
        matches!(self, Self::WebSearches | Self::FileSearches | Self::CodeExecutions | Self::OtherToolCalls)
    }
}

impl Usage {
    /// Returns the quantities besides tokens, in the order of [`Quantity::ALL`]. No page is in two of them.
    pub(crate) fn quantities(&self) -> [u64; Quantity::ALL.len()] {
        let annotated = self.annotated_document_pages;
        [
            self.web_searches,
            self.file_searches,
            self.code_executions,
            self.other_tool_calls,
            self.rerank_searches,
            self.document_pages.saturating_sub(annotated),
            annotated,
            self.audio_milliseconds,
            self.input_characters,
            self.text_messages,
        ]
    }

    /// Returns whether nothing at all was reported that could be paid.
    pub(crate) fn is_empty(&self) -> bool {
        self.total_tokens() == 0
            && self.reported_total_tokens.unwrap_or(0) == 0
            && self.cost.is_none_or(|cost| cost.0 == 0)
            && self.quantities() == [0; Quantity::ALL.len()]
    }
}
