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

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::{Output, TellContent as _};
    use crate::model::{HasUsage, Usage};

    /// Serialises as a chunk with content, and says that it has none.
    #[derive(Serialize)]
    struct Chunk {
        text: &'static str,
    }

    impl HasUsage for Chunk {
        fn usage(&self) -> Option<Usage> {
            None
        }

        fn is_content(&self) -> bool {
            self.text == "said"
        }
    }

    #[test]
    fn what_an_item_says_itself_wins_over_its_form() {
        let is_content = |text| {
            let (bare, item) = (Chunk { text }, Ok::<_, String>(Chunk { text }));
            ((&&&&Output(&bare)).is_content(), (&&&&Output(&item)).is_content())
        };
        assert_eq!(is_content("other"), (false, false));
        assert_eq!(is_content("said"), (true, true));
    }
}
