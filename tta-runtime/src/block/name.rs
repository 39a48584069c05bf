//! The names of blocks in metrics, spans and the service map.

/// The name of a block: its own, or the name of the work that a layer surrounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockName {
    /// The block's own name; the service map shows the block as a node between its caller and its work.
    Own(&'static str),
    /// The block's own name, in a further call of the same run: an earlier call recorded the edge from the caller.
    OwnWithoutEdge(&'static str),
    /// The name of the work; the block is no node of the service map.
    Inherited(&'static str),
}

impl BlockName {
    /// Returns the name of a layer: the one it was given, or else the name of its work.
    pub(super) fn of_layer(own: Option<&'static str>, work: &'static str) -> Self {
        own.map_or(Self::Inherited(work), Self::Own)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Own(name) | Self::OwnWithoutEdge(name) | Self::Inherited(name) => name,
        }
    }

    /// Returns the name for a further call of the same run, which adds no edge to the service map.
    pub(super) fn without_edge(self) -> Self {
        match self {
            Self::Own(name) => Self::OwnWithoutEdge(name),
            Self::OwnWithoutEdge(_) | Self::Inherited(_) => self,
        }
    }
}

/// Returns the last identifier of a function's type name; a closure has the name of the function around it.
///
/// A function pointer does not name its function, so its name is `function`.
pub(super) fn of_function(type_name: &'static str) -> &'static str {
    let path = type_name.trim_start_matches('&').trim_start_matches("mut ");
    if path.starts_with("fn(") || path.starts_with("dyn ") || path.starts_with("unsafe ") || path.starts_with("extern ")
    {
        return "function";
    }
    segments(path)
        .rfind(|segment| segment.starts_with(|first: char| first.is_alphabetic() || first == '_'))
        .unwrap_or(path)
}

/// Splits a path into its segments, without generic arguments.
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
            // The `>` of `->` closes no generic arguments.
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
    fn a_function_has_the_name_that_it_has_in_the_source() {
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
