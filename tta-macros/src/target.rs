//! The annotated item: a function, or a method of an annotated `impl` block.

use proc_macro2::Ident;

/// The item on which the attribute stands.
pub(crate) enum Target<'a> {
    /// A function. If it is a method, its `impl` block is not visible to the attribute.
    Function,
    /// A method of an annotated `impl` block.
    MethodOf {
        /// The name of the block's type.
        type_name: &'a str,
        /// The block's type and constant parameters.
        generics: &'a [Ident],
    },
}
