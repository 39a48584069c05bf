//! The only names that the expansion of the attributes uses; no part of the public interface.

pub use crate::agent_run::{LoopLimits, OnLoop, StepOf};
pub use crate::attribute::Attributes;
pub use crate::call::classification::{
    CallEnd, Output, Tell, TellContent, error_label, ok_of, ok_of_result, outcome_of, timeout_of, usage_of,
    usage_of_result_with, usage_of_with,
};
pub use crate::call::enter::{Entering, enter_future};
pub use crate::call::future::{CallFuture, call, call_inside, call_with, future, future_of};
pub use crate::call::handover::{Handover, begin_inside};
pub use crate::call::loop_guard::{LoopArgument, loop_argument, loop_guard, loop_guard_polled};
pub use crate::call::returned::{Returned, ReturnedStream};
pub use crate::call::stream::{CallStream, opened, stream, stream_of};
pub use crate::call::{Call, Inputs, ModelInputs, begin, begin_with, enter, sync};
pub use crate::label::{CAPPED, MaybeClosed, NotClosed, labels, series};
pub use crate::schema::buckets;
pub use crate::site::{CallSite, LabelDef, LatencySlo, Role, Slo};

pub use futures_core::Stream;
pub use std::boxed::Box;
pub use std::vec;
pub use std::vec::Vec;

use crate::label::LabelValue;

/// Stands for an output of a type, in a branch that is never taken: `return` and `?` behind it are about that type.
pub fn output<T>() -> T {
    loop {
        std::hint::spin_loop();
    }
}

macro_rules! bind {
    ($($name:ident($($argument:ident: $Type:ident),+);)+) => {$(
        /// Binds a closure to its arguments, whose types it takes from them.
        #[inline]
        // There is one of these for each number of parameters that a function may have.
        #[allow(clippy::too_many_arguments, clippy::many_single_char_names)]
        pub fn $name<$($Type,)+ T>($($argument: $Type,)+ body: impl FnOnce($($Type),+) -> T) -> impl FnOnce() -> T {
            move || body($($argument),+)
        }
    )+};
}

bind! {
    bind_1(a: A);
    bind_2(a: A, b: B);
    bind_3(a: A, b: B, c: C);
    bind_4(a: A, b: B, c: C, d: D);
    bind_5(a: A, b: B, c: C, d: D, e: E);
    bind_6(a: A, b: B, c: C, d: D, e: E, f: F);
    bind_7(a: A, b: B, c: C, d: D, e: E, f: F, g: G);
    bind_8(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H);
    bind_9(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I);
    bind_10(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J);
    bind_11(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J, k: K);
    bind_12(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H, i: I, j: J, k: K, l: L);
}

/// Returns the value of a label whose type is a closed set.
pub fn closed<T: LabelValue + ?Sized>(value: &T) -> &'static str {
    value.label_value()
}

/// Returns the value of a label that takes a limited number of values.
pub fn capped(label: &'static str, value: &(impl AsRef<str> + ?Sized)) -> &'static str {
    crate::label::capped(label, value.as_ref())
}

/// Returns the value of a label that has a series for each of the largest.
pub fn top(label: &'static str, size: usize, value: &(impl AsRef<str> + ?Sized)) -> &'static str {
    crate::label::top::top(label, size, value.as_ref(), 1)
}
