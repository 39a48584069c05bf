//! `tta list` and `tta prices`.

use crate::run::{folder, tta};

#[test]
fn functions_of_the_example_are_listed_with_their_places() {
    let ran = tta(&["list", "tta-examples/src"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let words: Vec<Vec<_>> = ran.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert!(words.iter().all(|words| words.len() == 3), "{}", ran.stdout);
    let found = words.iter().find(|words| words[1] == "answer_question").unwrap_or_else(|| panic!("{}", ran.stdout));
    assert!(found[0].starts_with("workflow"), "{found:?}");
    let (file, line) = found[2].rsplit_once(':').expect("a file and a line");
    let source = std::fs::read_to_string(crate::run::root().join(file)).expect("the file is there");
    let line = source.lines().nth(line.parse::<usize>().expect("a number") - 1).expect("the line is there");
    assert!(line.contains("fn answer_question"), "{line}");
}

#[test]
fn without_an_annotated_function_the_exit_code_is_1() {
    let folder = folder("list-nothing");
    let ran = tta(&["list", folder.to_str().expect("it is text")]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, "no annotated function found\n"));
    let ran = tta(&["list", "--url", "http://ann:s3cret@127.0.0.1:1/metrics?token=s3cret"]);
    assert_eq!(
        (ran.code, ran.stderr.as_str()),
        (2, "error: cannot read http://***@127.0.0.1:1/metrics?***: Connection refused (os error 111)\n")
    );
}

#[test]
fn a_price_file_is_accepted_or_refused_with_the_reason() {
    let folder = folder("prices");
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("it can be written");
        path.to_str().expect("it is text").to_owned()
    };
    let good = write(
        "good.json",
        r#"{"house-model": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}}"#,
    );
    let ran = tta(&["prices", &good]);
    assert_eq!((ran.code, ran.stdout), (0, format!("{good}: prices of 1 models\n")));
    let bad = write("bad.json", "{\"house-model\": {");
    let ran = tta(&["prices", &bad]);
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.starts_with(&format!("{bad}: ")) && ran.stdout.lines().count() == 1, "{}", ran.stdout);
}
