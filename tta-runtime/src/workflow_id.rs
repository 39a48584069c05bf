//! The identifiers of workflows (UUIDv7), whose text is written when it is first read.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use uuid::{Builder, Uuid};

/// The identifier of a workflow or of a request: a new one, or one that was given.
///
/// A new one is drawn at once, and its text is written by whoever reads it first. That is an export thread, or nobody if the workflow is not
/// sampled.
#[derive(Clone, Debug)]
pub(crate) struct WorkflowId {
    /// Nil if the text was given.
    drawn: Uuid,
    text: OnceLock<Arc<str>>,
}

impl WorkflowId {
    /// Draws a new identifier.
    pub(crate) fn new() -> Self {
        Self::at(since_1970())
    }

    /// Draws two new identifiers, at the same time.
    pub(crate) fn pair() -> [Self; 2] {
        let time = since_1970();
        [Self::at(time), Self::at(time)]
    }

    fn at(time: Duration) -> Self {
        Self { drawn: uuid_at(time), text: OnceLock::new() }
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> &Arc<str> {
        self.text.get_or_init(|| Arc::from(&*self.drawn.hyphenated().encode_lower(&mut Uuid::encode_buffer())))
    }
}

impl Deref for WorkflowId {
    type Target = str;

    fn deref(&self) -> &str {
        self.text()
    }
}

impl From<Arc<str>> for WorkflowId {
    fn from(text: Arc<str>) -> Self {
        Self { drawn: Uuid::nil(), text: text.into() }
    }
}

impl From<Cow<'_, str>> for WorkflowId {
    fn from(text: Cow<'_, str>) -> Self {
        Arc::<str>::from(text).into()
    }
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}

/// Returns a new UUIDv7 of a time since 1970. It sorts to a quarter of a microsecond, by RFC 9562's third method.
fn uuid_at(time: Duration) -> Uuid {
    let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    // After the milliseconds come 12 bits with the 4,096ths of one; the others are random.
    let fraction = (time.subsec_nanos() % 1_000_000) * 4_096 / 1_000_000;
    let [_, _, _, _, _, _, bits @ ..] = (u128::from(fraction) << 64 | u128::from(fastrand::u64(..))).to_be_bytes();
    Builder::from_unix_timestamp_millis(milliseconds, &bits).into_uuid()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::sync::Arc;
    use std::time::Duration;

    use uuid::{Uuid, Variant};

    use super::{WorkflowId, uuid_at};

    #[test]
    fn the_id_of_a_workflow_has_its_time_and_sorts_by_it() {
        let times =
            (0..5_000).map(|quarter| Duration::new(1_764_000_000, 123_400_000) + Duration::from_nanos(quarter * 250));
        let ids: Vec<_> = times.clone().map(WorkflowId::at).collect();
        assert!(ids.iter().is_sorted_by_key(|id| &**id));
        for (id, time) in ids.iter().zip(times) {
            let id = Uuid::parse_str(id).unwrap();
            assert_eq!((id.get_version_num(), id.get_variant()), (7, Variant::RFC4122));
            let (seconds, nanoseconds) = id.get_timestamp().unwrap().to_unix();
            assert_eq!(Duration::new(seconds, nanoseconds).as_millis(), time.as_millis());
        }
        assert_ne!(uuid_at(Duration::ZERO), uuid_at(Duration::ZERO));
    }

    #[test]
    fn all_copies_of_an_id_have_the_same_text_whichever_is_read_first() {
        let [id, other] = WorkflowId::pair();
        let before = id.clone();
        let text = id.text().clone();
        assert_eq!((&*text, &*before), (&*id, &*id));
        assert!(Arc::ptr_eq(&text, id.clone().text()), "it is written once");
        assert_ne!(*id, *other);
    }

    #[test]
    fn an_id_that_was_given_is_kept_as_it_is() {
        assert_eq!(&*WorkflowId::from(Cow::Borrowed("order 7421")), "order 7421");
        assert_eq!(&*WorkflowId::from(Arc::<str>::from("")), "");
    }
}
