//! Classification of a call by its output: the outcome, the error and the usage.

mod closures;
mod end;
mod error_name;
mod lookup;
mod timeout;
mod usage;

pub use self::closures::{error_label, ok_of, ok_of_result};
pub use self::end::CallEnd;
pub(crate) use self::error_name::short_name;
pub(crate) use self::lookup::ReportsTimeout;
pub use self::lookup::{Output, Tell};
pub(crate) use self::timeout::{TimedOut, is_timeout};
pub use self::usage::{usage_of, usage_of_result_with, usage_of_with};
