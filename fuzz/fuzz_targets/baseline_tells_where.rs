//! Any bytes are a baseline, which is then written so that it is read as the same one, or an error that names the line.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tikrar::report::baseline::Baseline;

fuzz_target!(|bytes: &[u8]| {
    match Baseline::parse(bytes) {
        Ok(baseline) => {
            let mut written = Vec::new();
            baseline.write(&mut written).expect("a vector can be written");
            assert_eq!(Baseline::parse(&written).as_ref(), Ok(&baseline));
            assert_eq!(baseline.stale(&baseline).count(), 0);
        }
        Err(error) => assert!(error.to_string().starts_with("line "), "{error}"),
    }
});
