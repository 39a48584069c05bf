//! Labels of methods whose types are generic parameters of the block, or types of this or another module.
#![deny(warnings, clippy::pedantic)]
#![forbid(unsafe_code)]

use tta_runtime::{LabelValue, primitive};

mod kinds {
    #[derive(Clone, Copy, tta_runtime::LabelValue)]
    pub(crate) enum Source {
        Web,
    }
}

use kinds::Source;

#[derive(Clone, Copy, LabelValue)]
enum Audience {
    Public,
}

struct Router<Kind>(Kind);

impl<Kind: LabelValue> Router<Kind> {
    #[primitive(type = "router", labels(kind = kind, audience = audience, source = source, flag = flag))]
    async fn route(&self, kind: &Kind, audience: Audience, source: Source, flag: bool) -> &'static str {
        std::future::ready(()).await;
        let _ = (kind, source, flag);
        match audience {
            Audience::Public => self.0.label_value(),
        }
    }

    #[primitive(type = "router", labels(pair = pair, source = source))]
    fn pair(pair: &(Kind, Audience), source: kinds::Source) -> Option<Self> {
        let _ = source;
        (pair.0.label_value() == "public").then_some(None).flatten()
    }
}

/// A type whose name looks like that of a generic parameter.
#[allow(clippy::upper_case_acronyms)]
#[derive(Clone, Copy, LabelValue)]
enum LLM {
    Small,
}

struct Fixed<T, const N: usize>([T; N]);

impl<T, const N: usize> Fixed<T, N>
where
    T: LabelValue,
{
    #[primitive(type = "router", labels(left = left, llm = llm))]
    fn pick(left: T, llm: LLM) -> &'static str {
        if matches!(llm, LLM::Small) { left.label_value() } else { "large" }
    }

    #[primitive(type = "router", labels(pair = pair))]
    async fn pick_later(&self, pair: (T, LLM)) -> usize {
        std::future::ready(()).await;
        pair.label_value().len() + self.0.len()
    }
}

#[primitive(type = "router", labels(left = left, llm = llm))]
async fn pick_free<T: LabelValue>(left: T, llm: LLM) -> usize {
    std::future::ready(()).await;
    left.label_value().len() + llm.label_value().len()
}

pub(crate) fn main() {
    assert_eq!(Fixed::<bool, 1>::pick(true, LLM::Small), "true");
    assert_eq!(futures_executor::block_on(Fixed([true]).pick_later((true, LLM::Small))), 11);
    assert_eq!(futures_executor::block_on(pick_free(true, LLM::Small)), 9);
    let router = Router(true);
    drop(router.route(&false, Audience::Public, Source::Web, true));
    assert!(Router::pair(&(true, Audience::Public), Source::Web).is_none());
}
