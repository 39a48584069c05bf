//! Classification of a call by its output: the outcome, the error and the usage.

mod closures;
mod content;
mod debug_text;
mod dyn_error;
mod end;
pub(crate) mod error_name;
mod lookup;
pub(crate) mod passed_on;
pub(crate) mod timeout;
mod usage;

pub use self::closures::{error_label, ok_of, ok_of_result, outcome_of, timeout_of};
pub use self::content::TellContent;
pub use self::end::CallEnd;
pub(crate) use self::end::Content;
pub use self::lookup::{Output, Tell};
pub use self::usage::{usage_of, usage_of_result_with, usage_of_with};
