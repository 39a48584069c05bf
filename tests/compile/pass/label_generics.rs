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

pub(crate) fn main() {
    let router = Router(true);
    drop(router.route(&false, Audience::Public, Source::Web, true));
    assert!(Router::pair(&(true, Audience::Public), Source::Web).is_none());
}
