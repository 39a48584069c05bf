//! `tta prices diff`: prices that differ between two sources.

use expect_test::{Expect, expect};

use tta_runtime::llm::{PriceList, Usage};

use crate::run::{Ran, folder, tta};

/// Writes the files into a folder, and compares two of them or the bundled prices.
fn check(name: &str, files: &[(&str, &str)], [a, b]: [&str; 2], code: i32, expected: &Expect) {
    let folder = folder(name);
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("there is space");
    }
    let folder = folder.to_str().expect("it is text");
    let path = |name: &str| if name == "bundled" { name.to_owned() } else { format!("{folder}/{name}") };
    let Ran { code: ended, stdout, stderr } = tta(&["prices", "diff", &path(a), &path(b)]);
    expected.assert_eq(&stdout.replace(&format!("{folder}/"), ""));
    assert_eq!((ended, stderr.as_str()), (code, ""));
}

#[test]
fn each_price_that_differs_is_shown_with_its_factor() {
    let a = r#"{
        "gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 2.5e-6, "output_cost_per_token": 1e-5,
                   "cache_read_input_token_cost": 1.25e-6, "input_cost_per_token_above_200k_tokens": 5e-6},
        "same": {"input_cost_per_token": 1e-6},
        "was-free": {"input_cost_per_token": 0},
        "gone": {"input_cost_per_token": 1e-6}
    }"#;
    let b = r#"{
        "openai/gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 2e-6, "output_cost_per_token": 1e-5,
                          "cache_read_input_token_cost": 3e-6},
        "same": {"input_cost_per_token": 1e-6},
        "was-free": {"input_cost_per_token": 1e-7},
        "new": {"input_cost_per_token": 1e-6},
        "newer": {"input_cost_per_token": 1e-6}
    }"#;
    check(
        "prices-diff",
        &[("a.json", a), ("b.json", b)],
        ["a.json", "b.json"],
        1,
        &expect![[r#"
            was-free: input $0.00 → $0.10 (not free any more)
            openai gpt-4o: input $2.50 → $2.00 (0.8 ×), cached input $1.25 → $3.00 (2.4 ×)
            2 of 3 models have other prices; 1 are only in a.json, 2 only in b.json
        "#]],
    );
    check(
        "prices-same",
        &[("a.json", a)],
        ["a.json", "a.json"],
        0,
        &expect![[r#"
        0 of 4 models have other prices; 0 are only in a.json, 0 only in a.json
    "#]],
    );
}

#[test]
fn a_price_that_is_in_one_source_alone_is_a_difference() {
    let a = r#"{
        "read": {"input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6},
        "write": {"output_cost_per_token": 2e-6},
        "listen": {"input_cost_per_second": 1e-4},
        "watch": {"input_cost_per_second": 1e-4}
    }"#;
    let b = r#"{
        "read": {"input_cost_per_token": 1e-6},
        "write": {"input_cost_per_token": 3e-6, "output_cost_per_token": 2e-6},
        "listen": {"input_cost_per_second": 1e-4},
        "watch": {"input_cost_per_token": 1e-6}
    }"#;
    check(
        "prices-one-sided",
        &[("a.json", a), ("b.json", b)],
        ["a.json", "b.json"],
        1,
        &expect![[r#"
        read: output $2.00 → none (no price any more)
        watch: input none → $1.00 (new price)
        write: input none → $3.00 (new price)
        3 of 4 models have other prices; 0 are only in a.json, 0 only in b.json
    "#]],
    );
}

#[test]
fn a_file_is_compared_with_the_bundled_prices() {
    let cheaper = r#"{
        "gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 2.5e-7, "output_cost_per_token": 1e-5,
                   "cache_read_input_token_cost": 1.25e-6},
        "our-model": {"input_cost_per_token": 1e-6}
    }"#;
    let folder = folder("prices-bundled");
    let path = folder.join("cheaper.json");
    std::fs::write(&path, cheaper).expect("there is space");
    let ran = tta(&["prices", "diff", "bundled", path.to_str().expect("it is text")]);
    let file = PriceList::read(&path).expect("it is accepted");
    let is_in_file = |(provider, model): &(String, String)| file.price(provider, model, &Usage::new(1, 1)).is_some();
    let others = PriceList::bundled().models().iter().filter(|name| !is_in_file(name)).count();
    assert!(others > 500, "{others}");
    let expected = format!(
        "openai gpt-4o: input $2.50 → $0.25 (0.1 ×)\n1 of 1 models have other prices; {others} are only in bundled, 1 only in {}\n",
        path.display()
    );
    assert_eq!((ran.code, ran.stdout, ran.stderr.as_str()), (1, expected, ""));
}

#[test]
fn a_wrong_file_is_found_and_a_missing_one_is_a_failure() {
    let wrong = r#"{"m": {"input_cost_per_token": 2.5}}"#;
    check(
        "prices-wrong",
        &[("wrong.json", wrong)],
        ["bundled", "wrong.json"],
        1,
        &expect![[r#"
        the price file `wrong.json` has an invalid entry: `m` has `input_cost_per_token`, which is `2.5`; write US dollars per token, from `0` to `0.01`, such as `2.5e-6` for $2.50 per million
    "#]],
    );
    let ran = tta(&["prices", "diff", "bundled", "/no/such/prices.json"]);
    let expected = "error: cannot read /no/such/prices.json: No such file or directory (os error 2)\n";
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (2, "", expected));
}
