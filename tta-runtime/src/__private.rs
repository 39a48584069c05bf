//! The only names that the expansion of the attributes uses; no part of the public interface.

pub use crate::attribute::Attributes;
pub use crate::call::{Call, Inputs, ModelInputs, begin, begin_with, enter, sync};
pub use crate::call_enter::{Entering, enter_future};
pub use crate::call_future::{CallFuture, future};
pub use crate::call_site::{CALL_SITES, CallSite, Constants, LabelDef, LatencySlo, Role, Slo};
pub use crate::call_stream::{CallStream, stream};
pub use crate::label::{CAPPED, Known, Unknown, labels, series};
pub use crate::schema::buckets;
pub use crate::verdict::{
    AnyOutput, DisplayOutput, End, ErrorOutput, HeldErrorOutput, Output, ResultOutput, SentErrorOutput, error_label,
    ok_of, ok_of_result, usage_of, usage_of_result_with, usage_of_with,
};
pub use linkme;

use crate::label::LabelValue;

/// Returns the value of a label whose type is a closed set.
pub fn closed<T: LabelValue + ?Sized>(value: &T) -> &'static str {
    value.label_value()
}

/// Returns the value of a label that takes a limited number of values.
pub fn capped(label: &'static str, value: &(impl AsRef<str> + ?Sized)) -> &'static str {
    crate::label::capped(label, value.as_ref())
}
