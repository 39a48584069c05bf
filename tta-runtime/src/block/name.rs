//! What blocks are called, in metrics and in the service map.

/// What a layer is called: by a name that it was given, or as the work that it is put around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockName {
    /// A name of its own: the service map shows it between its caller and the work.
    Own(&'static str),
    /// A name of its own, of a part that follows another one: the service map has the way there already.
    Again(&'static str),
    /// The work's: its metrics are told apart by it, and the service map shows the work alone.
    OfWork(&'static str),
}

impl BlockName {
    /// Returns the name of a layer around work of this name.
    pub(super) fn of_layer(given: Option<&'static str>, work: &'static str) -> Self {
        given.map_or(Self::OfWork(work), Self::Own)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Own(name) | Self::Again(name) | Self::OfWork(name) => name,
        }
    }

    /// Returns the name for a further part of the same call.
    pub(super) fn again(self) -> Self {
        match self {
            Self::Own(name) => Self::Again(name),
            Self::Again(_) | Self::OfWork(_) => self,
        }
    }
}

/// Returns the name of a function from the name of its type.
pub(super) fn of_function(type_name: &'static str) -> &'static str {
    let path = type_name.trim_start_matches('&').trim_start_matches("mut ");
    if path.starts_with("fn(") || path.starts_with("dyn ") || path.starts_with("unsafe ") || path.starts_with("extern ")
    {
        // A pointer does not say to what.
        return "function";
    }
    segments(path)
        .rfind(|segment| segment.starts_with(|first: char| first.is_alphabetic() || first == '_'))
        .unwrap_or(path)
}

/// Walks the segments of a path without their generic arguments, from the last one.
fn segments(path: &'static str) -> impl DoubleEndedIterator<Item = &'static str> {
    let mut depth = 0_usize;
    let mut start = 0;
    let mut found = Vec::new();
    let mut previous = ' ';
    for (at, character) in path.char_indices() {
        match character {
            '<' => {
                if depth == 0 {
                    found.push(path.get(start..at).unwrap_or_default());
                }
                depth += 1;
            }
            // The arrow of a function's type closes nothing.
            '>' if previous != '-' => {
                depth = depth.saturating_sub(1);
                start = at + 1;
            }
            ':' if depth == 0 => {
                found.push(path.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
        previous = character;
    }
    if depth == 0 {
        found.push(path.get(start..).unwrap_or_default());
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::of_function;

    #[test]
    fn a_function_is_called_as_in_the_source() {
        let names = [
            ("crate_name::module::ask", "ask"),
            ("crate_name::Client::ask", "ask"),
            ("crate_name::ask<alloc::string::String>", "ask"),
            ("<crate_name::Client<fn() -> u8> as crate_name::Ask>::ask", "ask"),
            ("&crate_name::ask", "ask"),
            ("crate_name::flow::{{closure}}", "flow"),
            ("crate_name::flow::{{closure}}::{{closure}}", "flow"),
            ("crate_name::_ask", "_ask"),
            ("fn(alloc::string::String) -> core::option::Option<u8>", "function"),
        ];
        for (type_name, name) in names {
            assert_eq!(of_function(type_name), name, "{type_name}");
        }
    }
}
