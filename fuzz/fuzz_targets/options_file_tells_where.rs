//! Any bytes as a `tikrar.toml` are options, or an error on one line that names the line and the column.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(error) = tikrar::cli::check_options_file(Path::new("/folder"), bytes.to_vec()) {
        let place = error.strip_prefix("/folder/tikrar.toml:").unwrap_or_else(|| panic!("{error}"));
        let numbers: Vec<Option<usize>> = place.splitn(3, ':').take(2).map(|number| number.parse().ok()).collect();
        let [Some(line @ 1..), Some(1..)] = numbers[..] else { panic!("{error}") };
        assert!(line <= bytes.iter().filter(|&&byte| byte == b'\n').count() + 1, "{error}");
        assert!(!error.chars().any(char::is_control), "{error:?}");
    }
});
