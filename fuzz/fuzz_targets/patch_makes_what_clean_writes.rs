//! The diff of any document, applied by the program `patch`, gives what `clean` writes; where nothing goes there is none.

#![no_main]

use std::fs;
use std::path::Path;
use std::process::Command;

use libfuzzer_sys::fuzz_target;
use tikrar::report::unified;
use tikrar_fuzz::choices::Choices;
use tikrar_fuzz::cleaned::{Cleaned, cleaned};
use tikrar_fuzz::on_disk;

const NAMES: [&str; 5] = ["a.txt", "خبر عاجل.txt", "a\tb.txt", "a\"b\\c.txt", "--- a"];

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::of(bytes);
    let options = choices.options();
    let name = choices.one(&NAMES);
    let text = choices.text();
    let Cleaned { document, examined, left, .. } = cleaned(&text, &options);
    let mut diff = Vec::new();
    unified::write(Path::new(name), &document.body, &examined, &mut diff).expect("a vector can be written");
    assert_eq!(diff.is_empty(), left == text);
    if diff.is_empty() {
        return;
    }
    let (file, diff) = (on_disk::file(name, &text), on_disk::file("diff", &diff));
    let mut patch = Command::new("patch");
    let patched = patch.args(["-p0", "-s", "-f", "--binary", "-i"]).arg(&diff).current_dir(on_disk::folder()).output();
    let patched = patched.expect("patch can be run");
    let said = || String::from_utf8_lossy(&[patched.stdout.clone(), patched.stderr.clone()].concat()).into_owned();
    assert!(patched.status.success(), "{}", said());
    // What is left of nothing is no file to patch.
    let found = fs::read(&file).unwrap_or_default();
    assert_eq!(found, left, "{}", said());
});
