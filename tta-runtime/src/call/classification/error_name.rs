//! Names of error types, without their modules and lifetimes.

/// Returns the name of a type without its modules and lifetimes: `Box<dyn Error>` for
/// `alloc::boxed::Box<dyn core::error::Error + '_>`.
pub(crate) fn short_name<E>() -> String {
    shorten(std::any::type_name::<E>())
}

fn shorten(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    for character in name.chars() {
        if character == ':' {
            // The identifier before `::` names a module: drop it, back to the start of the path.
            let path = short.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
            short.truncate(path);
        } else {
            short.push(character);
        }
    }
    // Not every version of the compiler writes lifetimes.
    if short.contains('\'') {
        ["<'_>", "'_, ", " + '_", "'_ "].iter().fold(short, |short, part| short.replace(part, ""))
    } else {
        short
    }
}

#[cfg(test)]
mod tests {
    use super::shorten;

    #[test]
    fn a_type_name_has_no_lifetimes() {
        assert_eq!(shorten("a::Outer<'_, '_, b::Inner<'_>, &'_ (dyn c::Trait + '_)>"), "Outer<Inner, &(dyn Trait)>");
    }

    #[test]
    fn a_type_name_has_no_modules() {
        assert_eq!(shorten("a::b::Outer<c::Inner, &dyn d::Trait>"), "Outer<Inner, &dyn Trait>");
    }
}
