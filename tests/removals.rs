//! The file of what was removed: read as it was written, and looked through before anything is put back.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

use std::io::Write as _;

use proptest::prelude::*;
use tikrar::removed::{Choice, Line, Lines, Part, Piece, Removal, Removals};

fn file(bytes: &[u8]) -> std::fs::File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

#[test]
fn removals_are_looked_through_before_anything_is_put_back() {
    let copy = |block: u64, at: u64, more: &str, output: &str| {
        format!(
            "{{\"block\":{block},\"removed\":[{{\"at\":{at},\"text\":\"x{block}\"}}]{more},\"output\":\"{output}\"}}\n"
        )
    };
    let end = |output: &str| {
        format!("{{\"output\":\"{output}\",\"cleaned\":{{\"bytes\":1,\"hash\":\"00\",\"copies\":1}}}}\n")
    };
    let read = |lines: &[String], blocks: &[u64]| {
        let choice = Choice { blocks: blocks.iter().map(|&block| block..=block).collect() };
        Removals::read(file(lines.concat().as_bytes()), choice)
    };
    let wrong = |lines: &[String], blocks: &[u64]| read(lines, blocks).unwrap_err().to_string();

    let together = ",\"together\":[1,2],\"more\":{}";
    let lines = [
        copy(1, 5, "", "a"),
        "\n".to_owned(),
        copy(2, 5, "", "b"),
        copy(3, 5, together, "a"),
        copy(4, 7, together, "a"),
        end("a"),
        end("b"),
    ];
    let mut removals = read(&lines, &[]).unwrap();
    let counts: Vec<(u64, u64, bool)> =
        removals.outputs().iter().map(|output| (output.copies, output.chosen, output.cleaned.is_some())).collect();
    assert_eq!(counts, [(3, 3, true), (1, 1, true)]);
    let mut pieces = removals.pieces(0);
    let mut found = Vec::new();
    while let Some(placed) = pieces.next() {
        found.push((pieces.line(), placed.unwrap().piece.bytes));
    }
    assert_eq!(found, [(1, b"x1".to_vec()), (4, b"x3".to_vec()), (5, b"x4".to_vec())]);
    let mut removals = read(&lines, &[3, 4]).unwrap();
    assert_eq!(removals.pieces(0).count(), 2);
    assert_eq!(removals.pieces(1).count(), 0);

    assert_eq!(
        wrong(&lines, &[1, 3]),
        "line 4: only 1 of 2 copies are to be put back that can only be put back together: blocks 3 and 4 belong together"
    );
    assert_eq!(
        wrong(&lines[..4], &[]),
        "line 4: only 1 of 2 copies are to be put back that can only be put back together: not all of their lines are there"
    );
    assert_eq!(wrong(&lines, &[9]), "there is no block 9 in it");
    assert!(wrong(&[copy(1, 5, "", "a"), copy(2, 4, "", "a")], &[]).starts_with("line 2: it belongs before"));
    let whole = |unit: u64, from: u64| {
        format!(
            ",\"file\":\"a\",\"unit\":{unit},\"removed\":[{{\"span\":[{from},{}],\"at\":5,\"text\":\"x\"}}]",
            from + 1
        )
    };
    let line = |more: String| format!("{{\"block\":1{more},\"output\":\"a\"}}\n");
    assert!(read(&[line(whole(1, 5)), line(whole(2, 6))], &[]).is_ok());
    for twice in
        [[whole(1, 5), whole(1, 5)], [whole(1, 5), whole(1, 6)], [whole(2, 5), whole(1, 6)], [whole(1, 6), whole(2, 5)]]
    {
        assert!(
            wrong(&twice.map(line), &[])
                .starts_with("line 2: it belongs before a line that stands before it, or is there twice")
        );
    }
    let part = |number: u64, from: u64, to: u64| {
        line(format!("{},\"part\":{{\"number\":{number},\"span\":[{from},{to}]}}", whole(1, 5)))
    };
    assert!(read(&[part(1, 0, 5), part(3, 5, 5), part(4, 5, 9)], &[]).is_ok());
    for wrong_part in [part(1, 5, 9), part(2, 4, 9), part(2, 7, 6), part(1, 0, 5)] {
        assert!(wrong(&[part(1, 0, 5), wrong_part], &[]).starts_with("line 2: it belongs before"));
    }
    assert!(wrong(&[part(1, 0, 5), line(whole(2, 6))], &[]).starts_with("line 2: it has another row, field or part"));
    assert!(wrong(&[copy(1, 5, "", "a"), end("a"), copy(2, 6, "", "a")], &[]).contains("had ended on line 2"));
    assert!(
        wrong(&[copy(1, 5, "", "a"), copy(2, 6, ",\"row\":1", "a")], &[]).starts_with("line 2: it has another row")
    );
    assert!(wrong(&["{\"block\":1}\n".to_owned()], &[]).starts_with("line 1: it has neither"));
    assert_eq!(wrong(&["\n{\"removed\":[\n".to_owned()], &[]), "line 2: column 12: EOF while parsing a list");
    assert_eq!(
        wrong(&["{\"removed\":[{\"at\":1,\"hex\":\"0\"}]}".to_owned()], &[]),
        "line 1: column 31: hex is no bytes in hexadecimal digits"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_of_the_file_are_read_as_they_were_written(
        bytes in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..6), 0..4), numbers in any::<[u64; 6]>(),
        row in any::<Option<u64>>(), id in any::<Option<String>>(),
    ) {
        let [block, unit, at, over, first, words] = numbers;
        let piece = |bytes: Vec<u8>| Piece { span: [at, unit], at, over, element: row, whole: None, bytes };
        let removal = Removal {
            block, unit, words, lines: [first, first], id, row, part: row.map(|row| Part { number: row, span: [at, unit] }), together: row.map(|row| [row, 2]),
            removed: bytes.into_iter().map(piece).collect(),
            ..Removal::default()
        };
        let line = Line::Removal(Box::new(removal));
        let mut written = Vec::new();
        tikrar::removed::write(&line, &mut written).unwrap();
        let read = Lines::new(&written[..]).read().unwrap().unwrap();
        prop_assert_eq!(read.line, line);
        prop_assert_eq!((read.number, read.bytes), (1, 0..written.len() as u64));
    }
}
