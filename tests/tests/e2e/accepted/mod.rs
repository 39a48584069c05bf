//! Every form that the attribute accepts compiles with all lints denied, and runs.

#[path = "../../../compile/pass"]
mod pass {
    pub(super) mod aliases;
    pub(super) mod associated_types;
    pub(super) mod async_fn;
    pub(super) mod async_fn_inference;
    pub(super) mod async_trait_above;
    pub(super) mod async_trait_below;
    pub(super) mod borrowed_errors;
    pub(super) mod bucket_sets;
    pub(super) mod cfg_on_parameters;
    pub(super) mod closure_in_body;
    pub(super) mod custom_words;
    pub(super) mod dead_code;
    pub(super) mod derive;
    pub(super) mod every_key;
    pub(super) mod future_boxed;
    pub(super) mod future_impl;
    pub(super) mod futures_in_traits;
    pub(super) mod generics;
    pub(super) mod impl_block;
    pub(super) mod impl_of_trait;
    pub(super) mod impl_trait;
    pub(super) mod inner_attributes;
    pub(super) mod label_generics;
    pub(super) mod label_names;
    pub(super) mod label_top;
    pub(super) mod labels;
    pub(super) mod lifetimes;
    pub(super) mod lints;
    pub(super) mod loop_guard;
    pub(super) mod macro_generated;
    pub(super) mod mutable_parameters;
    pub(super) mod nested;
    pub(super) mod never;
    pub(super) mod no_implicit_prelude;
    pub(super) mod not_send;
    pub(super) mod other_attributes;
    pub(super) mod outcomes;
    pub(super) mod patterns;
    pub(super) mod raw_identifiers;
    pub(super) mod recursion;
    pub(super) mod renamed_runtime;
    pub(super) mod request;
    pub(super) mod returned_bounds;
    pub(super) mod self_forms;
    pub(super) mod send;
    pub(super) mod shadowed_names;
    pub(super) mod shadowed_prelude;
    pub(super) mod single_action;
    pub(super) mod slo;
    pub(super) mod streams;
    pub(super) mod sync_fn;
    pub(super) mod tail_temporaries;
    pub(super) mod tokio_test;
    pub(super) mod trait_methods;
    pub(super) mod underscore_parameters;
    pub(super) mod unsafe_fn;
    pub(super) mod usage;
    pub(super) mod vocabulary;
}

/// Runs each case, and lists those whose files are in the directory.
macro_rules! run {
    ($($case:ident)*) => {{
        $(pass::$case::main();)*
        [$(stringify!($case)),*]
    }};
}

#[test]
fn every_accepted_shape_compiles_without_a_word_and_runs() {
    let run = run! {
        aliases
        associated_types
        async_fn
        async_fn_inference
        async_trait_above
        async_trait_below
        borrowed_errors
        bucket_sets
        cfg_on_parameters
        closure_in_body
        custom_words
        dead_code
        derive
        every_key
        future_boxed
        future_impl
        futures_in_traits
        generics
        impl_block
        impl_of_trait
        impl_trait
        inner_attributes
        label_generics
        label_names
        label_top
        labels
        lifetimes
        lints
        loop_guard
        macro_generated
        mutable_parameters
        nested
        never
        no_implicit_prelude
        not_send
        other_attributes
        outcomes
        patterns
        raw_identifiers
        recursion
        renamed_runtime
        request
        returned_bounds
        self_forms
        send
        shadowed_names
        shadowed_prelude
        single_action
        slo
        streams
        sync_fn
        tail_temporaries
        tokio_test
        trait_methods
        underscore_parameters
        unsafe_fn
        usage
        vocabulary
    };
    // Two packages of different editions run this file.
    let places = ["compile/pass", "../compile/pass"];
    let directory = places.iter().find_map(|place| std::fs::read_dir(place).ok()).expect("the cases");
    let name = |file: std::io::Result<std::fs::DirEntry>| {
        file.expect("a case").path().file_stem().expect("a name").to_string_lossy().into_owned()
    };
    let mut files: Vec<String> = directory.map(name).collect();
    files.sort();
    assert_eq!(run.as_slice(), files);
}
