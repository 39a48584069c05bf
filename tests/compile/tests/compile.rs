//! What is refused, and with which words.
//!
//! `TRYBUILD=overwrite` writes the `.stderr` files anew, to be read before they are kept.

#[test]
fn every_mistake_is_explained_where_it_is() {
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}

#[test]
fn too_many_series_of_types_that_no_signature_shows_fail_the_build() {
    let cases = trybuild::TestCases::new();
    // With a case that passes, the others are built and not only checked, and code is made of each.
    cases.pass("pass_build.rs");
    cases.compile_fail("fail_build/*.rs");
}
