//! Compares the compile errors of wrong attributes with snapshots.
//!
//! `TRYBUILD=overwrite` rewrites the `.stderr` files; read the diff before you commit it.

#[test]
fn every_error_is_reported_at_its_token() {
    trybuild::TestCases::new().compile_fail("fail/*.rs");
}

#[test]
fn too_many_series_fail_the_build_if_only_the_build_knows_the_types() {
    let cases = trybuild::TestCases::new();
    // A passing case makes trybuild run `cargo build` instead of `cargo check`, so that code is generated for each case.
    cases.pass("pass_build.rs");
    cases.pass("pass_no_std.rs");
    cases.compile_fail("fail_build/*.rs");
}
