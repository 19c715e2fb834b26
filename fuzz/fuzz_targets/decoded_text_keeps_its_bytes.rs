//! A text in another encoding, cleaned in its own bytes, is the cleaned text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tikrar::corpus::Examined;
use tikrar::source::{Body, Encodings, Spooling, decode};
use tikrar_fuzz::choices::Choices;
use tikrar_fuzz::cleaned::without;

const ENCODINGS: [&str; 7] =
    ["", "utf-8,windows-1256", "windows-1256", "iso-8859-6", "utf-16le", "utf-16be,shift_jis", "gb18030,iso-2022-jp"];

fuzz_target!(|bytes: &[u8]| {
    let mut choices = Choices::of(bytes);
    let options = choices.options();
    let encodings = choices.one(&ENCODINGS);
    let encodings = match encodings {
        "" => Encodings::default(),
        labels => labels.parse().expect("these are encodings"),
    };
    let spooling = Spooling { hold: u64::from(choices.byte()) * 64, temp_dir: None };
    let form = choices.byte();
    let mut raw = choices.text();
    if form % 3 > 0 {
        // Two bytes of which one is 6 most of the time.
        let text = String::from_utf8_lossy(&raw).into_owned();
        let mark = (form % 6 > 2).then_some('\u{FEFF}');
        let units: Vec<u16> =
            mark.into_iter().chain(text.chars()).flat_map(|c| c.encode_utf16(&mut [0; 2]).to_vec()).collect();
        let bytes = |unit: u16| if form % 3 == 1 { unit.to_le_bytes() } else { unit.to_be_bytes() };
        raw = units.into_iter().flat_map(bytes).collect();
    }
    let decoded = |bytes: &[u8]| decode(Body::held(bytes.to_vec()), &encodings, false, &spooling);
    let Ok(text) = decoded(&raw) else { return };
    let whole = text.body.bytes(0..u64::MAX).expect("it can be read back").into_owned();
    let Some(of_raw) = text.raw else {
        assert_eq!(whole, raw, "UTF-8 is as it was");
        return;
    };
    assert!(std::str::from_utf8(&whole).is_ok());
    let document = tikrar::source::Document::of_bytes(whole.clone());
    let examined = Examined::new(&document, &options).expect("a document in memory can be read");
    let cuts = examined.cuts(&document.body).expect("a document in memory can be read");
    let Some(ranges) = of_raw.ranges(&document.body, &cuts).expect("a document in memory can be read") else { return };
    let (left, left_raw) = (without(&whole, &cuts), without(&raw, &ranges));
    let all = of_raw.ranges(&document.body, &[0..whole.len() as u64]).expect("a document in memory can be read");
    assert_eq!(all.expect("it has places")[0].end, raw.len() as u64);
    // What is left may look like another encoding, and then it is refused; where it is not, it is the same text.
    if let Ok(again) = decoded(&left_raw)
        && again.raw.as_ref().is_some_and(|raw| raw.encoding() == of_raw.encoding())
    {
        assert_eq!(*again.body.bytes(0..u64::MAX).expect("it can be read back"), left);
    }
});
