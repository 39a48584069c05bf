//! `tta completions`.

use std::process::Command;

use crate::run::{folder, tta};

/// Returns the script for a shell.
fn script(shell: &str) -> String {
    let ran = tta(&["completions", shell]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{shell}");
    ran.stdout
}

#[test]
fn each_shell_gets_a_script_that_names_every_command_and_its_options() {
    let commands = ["generate", "check", "doctor", "list", "prices", "maturity", "mcp", "up", "completions"];
    // Scripts for zsh and fish write options in a notation of their own.
    for (shell, option) in [
        ("bash", "--textfile"),
        ("elvish", "--textfile"),
        ("fish", "-l textfile"),
        ("powershell", "--textfile"),
        ("zsh", "--textfile="),
    ] {
        let script = script(shell);
        let missing: Vec<_> = commands.iter().chain([&option]).filter(|word| !script.contains(**word)).collect();
        assert!(missing.is_empty(), "{shell} has no {missing:?}");
    }
    assert_eq!(tta(&["completions", "sh"]).code, 2);
}

/// Returns bash's completions for the last of these words.
fn completions(words: &[&str]) -> String {
    let file = folder("completions").join("tta");
    std::fs::write(&file, script("bash")).expect("it can be written");
    let (last, before) = words.split_last().expect("there is a word");
    let ask = format!(
        "source '{}'; COMP_WORDS=({}); COMP_CWORD={}; _tta tta '{last}' '{}'; echo \"${{COMPREPLY[*]}}\"",
        file.display(),
        words.join(" "),
        before.len(),
        before.last().copied().unwrap_or_default()
    );
    let output = Command::new("bash").args(["--norc", "-c", &ask]).output().expect("`bash` runs");
    String::from_utf8(output.stdout).expect("it writes UTF-8").trim().to_owned()
}

#[test]
fn bash_completes_commands_options_and_values() {
    assert_eq!(completions(&["tta", "ch"]), "check");
    assert_eq!(completions(&["tta", "maturity", "--te"]), "--textfile");
    assert_eq!(completions(&["tta", "check", "--view", "ote"]), "otel otel_latest otel_token_usage");
}
