//! Whether an item of a stream is content, by its type: through method look-up, as in `lookup.rs`.

use serde::Serialize;

use super::closures::catch_panic;
use super::lookup::Output;
use crate::model::{HasUsage, is_content};

/// An item that tells whether it is content.
pub trait TellContent {
    /// Returns whether the item is content, `true` if nothing is known about it.
    fn is_content(&self) -> bool;
}

/// An item that says it itself.
impl<T: HasUsage> TellContent for &&&Output<'_, T> {
    fn is_content(&self) -> bool {
        catch_panic(|| self.0.is_content()).unwrap_or(true)
    }
}

/// An item that serialises: its form says it.
impl<T: Serialize, E> TellContent for &&Output<'_, Result<T, E>> {
    fn is_content(&self) -> bool {
        self.0.as_ref().map_or(true, serialises_as_content)
    }
}

/// An item that serialises, and is no `Result`.
impl<T: Serialize> TellContent for &Output<'_, T> {
    fn is_content(&self) -> bool {
        serialises_as_content(self.0)
    }
}

/// Any other item.
impl<T: ?Sized> TellContent for Output<'_, T> {
    fn is_content(&self) -> bool {
        true
    }
}

fn serialises_as_content<T: Serialize>(item: &T) -> bool {
    catch_panic(|| is_content(item)).unwrap_or(true)
}
