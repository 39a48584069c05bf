//! Callers whose name is stored nowhere for good, such as blocks.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use foldhash::quality::RandomState;

use super::caller::Caller;
use crate::site::KnownSets;

impl Caller {
    /// Returns the caller with this name.
    pub(crate) fn named(name: &'static str) -> Self {
        static KNOWN: KnownSets<&'static str, 128> = KnownSets::new();
        Self(KNOWN.get(&[name]).unwrap_or_else(|| {
            let stored = stored(name);
            KNOWN.remember(&[name], stored);
            stored
        }))
    }
}

/// Stores a name for good, each text once. Programs with many blocks look their names up here, all threads at a time.
#[cold]
fn stored(name: &'static str) -> &'static &'static str {
    static STORED: RwLock<Option<HashMap<&'static str, &'static &'static str, RandomState>>> = RwLock::new(None);
    let known = STORED.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(&stored) = known.as_ref().and_then(|known| known.get(name)) {
        return stored;
    }
    drop(known);
    let mut stored = STORED.write().unwrap_or_else(PoisonError::into_inner);
    stored.get_or_insert_default().entry(name).or_insert_with(|| Box::leak(Box::new(name)))
}

#[cfg(test)]
mod tests {
    use crate::context::caller::Caller;

    #[test]
    fn each_name_is_stored_once_however_many_there_are() {
        let names: Vec<&'static str> = (0..1_000).map(|n| &*format!("block-{n}").leak()).collect();
        for &name in &names {
            let copy = name.to_owned().leak();
            let (one, again, other) = (Caller::named(name), Caller::named(name), Caller::named(copy));
            assert_eq!([one.name(), again.name(), other.name()], [name; 3]);
            assert!(std::ptr::eq(one.0, again.0) && std::ptr::eq(one.0, other.0));
        }
        assert!(Caller::NONE.is_none() && !Caller::named("block").is_none());
    }
}
