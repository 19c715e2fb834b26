//! Documents that go as wholes, because most of what they say was said before.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]

mod command;

use std::fs;
use std::io;
use std::num::NonZeroU32;

use command::{folder, run, text};
use proptest::prelude::*;
use tikrar::corpus::{Documents, Finished, Options, Origin, Stream, Threads};
use tikrar::source::Opened;

const STORY: &str = "قالت الوكالة إن الرئيس افتتح اليوم مصنعا جديدا للسيارات في المدينة الساحلية";
const MORE: &str = "وأضاف الوزير في تصريح للصحافة إن المشروع يوفر ألف فرصة عمل للشباب هذا العام";
const LAST: &str = "وقال شهود عيان إن الأمطار الغزيرة أغلقت الطرق المؤدية إلى القرى الجبلية مساء أمس";
const NEW: &str = "وفي خبر آخر أعلنت الجامعة عن فتح باب التسجيل للعام الدراسي الجديد أمام الطلبة";

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn a_document_goes_when_more_of_its_words_than_may_stand_in_those_that_stay_before_it(
        documents in prop::collection::vec(
            prop::collection::vec(prop::sample::select(vec!["a b c", "d e f", "g h i j", "k l m n o p", "q r s"]), 0..7),
            0..7,
        ),
        above in prop::sample::select(vec![0, 30, 50, 57, 80, 100]),
        piece in prop::sample::select(vec![1_usize, 9, 1 << 18]),
    ) {
        let options = Options { min_words: NonZeroU32::new(3).unwrap(), ..Options::default() };
        let mut stream = Stream::new(&options);
        stream.threads = Threads::ONE;
        stream.piece = piece;
        stream.drop_above = Some(format!("{above}%").parse().unwrap());
        let mut opened = documents.iter().map(|lines| -> Result<Documents, io::Error> {
            let (head, reader) = (lines.iter().map(|line| format!("{line}\n")).collect::<String>(), Box::new(io::empty()));
            Ok(Documents::Text(Box::new(Opened { head: head.into_bytes(), reader, file: None, raw: None })))
        });
        let (mut out, mut dropped) = (Vec::new(), Vec::new());
        let mut finished = |event: Finished<io::Error>| {
            if let Finished::Dropped { document, repeating, .. } = event {
                let Origin::Here(most) = repeating.most else { panic!("there is no earlier run") };
                dropped.push((document.file, most.file, repeating.repeated * 1000 / repeating.words));
            }
        };
        let (totals, _) = stream.clean(|| opened.next(), &mut out, &mut finished).unwrap();

        let (mut seen, mut left, mut wanted) = (Vec::<(&str, usize)>::new(), String::new(), Vec::new());
        let words = |line: &str| line.split(' ').count();
        for (at, lines) in documents.iter().enumerate() {
            let first = |line: &str| seen.iter().find(|(other, _)| *other == line).map(|(_, of)| *of);
            let all: usize = lines.iter().map(|line| words(line)).sum();
            let repeated: usize = lines.iter().filter(|line| first(line).is_some()).map(|line| words(line)).sum();
            if repeated * 100 > above * all {
                let of = |other: usize| lines.iter().filter(|line| first(line) == Some(other)).map(|line| words(line)).sum::<usize>();
                let most = (0..at).rev().max_by_key(|&other| of(other)).unwrap();
                wanted.push((at, most, (repeated * 1000 / all) as u64));
                continue;
            }
            for &line in lines {
                if !seen.iter().any(|(other, _)| *other == line) {
                    left.push_str(line);
                    left.push('\n');
                    seen.push((line, at));
                }
            }
        }
        prop_assert_eq!(String::from_utf8(out).unwrap(), left);
        prop_assert_eq!(&dropped, &wanted);
        prop_assert_eq!(totals.repeating, wanted.len() as u64);
    }
}

fn papers() -> tempfile::TempDir {
    let record = |id: &str, lines: &[&str]| format!("{{\"id\":\"{id}\",\"text\":\"{}\"}}\n", lines.join("\\n"));
    let c = [record("x", &[NEW]), record("y", &[STORY, MORE, "نعم"]), record("z", &[NEW, LAST, "كلا"])].concat();
    folder(&[
        ("a.txt", format!("{STORY}\n\n{MORE}\n").as_bytes()),
        ("b.txt", format!("\n\nعنوان\n\n{STORY}\n\n{MORE}\n\n\n").as_bytes()),
        ("c.jsonl", c.as_bytes()),
    ])
}

const DROP: [&str; 5] = ["clean", "--scope", "corpus", "--drop-document-above", "80%"];

#[test]
fn records_go_whole_and_each_is_named_with_what_it_repeats() {
    let folder = papers();
    let out = run(&folder, &[&DROP[..], &["a.txt", "b.txt"]].concat());
    assert_eq!(text(&out.stdout), format!("{STORY}\n\n{MORE}\n"));
    assert_eq!(
        text(&out.stderr),
        "b.txt: left out whole, 96% of its words repeat documents before it, most of them a.txt\n\
         left out 3 of 5 lines with 1 whole document\n"
    );
    let out = run(&folder, &[&DROP[..], &["-i", "--summary", "sums.json", "a.txt", "c.jsonl"]].concat());
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let left = format!("{{\"id\":\"x\",\"text\":\"{NEW}\"}}\n{{\"id\":\"z\",\"text\":\"{LAST}\\nكلا\"}}\n");
    assert_eq!(fs::read_to_string(folder.path().join("c.jsonl")).unwrap(), left);
    let said = text(&out.stderr);
    assert!(said.contains("c.jsonl, record 2 (y): left out whole, 96% of its words"), "{said}");
    let sums: serde_json::Value = serde_json::from_slice(&fs::read(folder.path().join("sums.json")).unwrap()).unwrap();
    let total = |name: &str| sums["total"][name].as_u64().unwrap();
    assert_eq!(["units", "kept", "copies", "with_documents", "repeating", "dropped"].map(total), [9, 5, 1, 3, 1, 1]);
}

#[test]
fn what_is_kept_keeps_its_document_and_what_a_document_repeats_of_itself_is_no_reason() {
    let folder = papers();
    let out = run(&folder, &[&DROP[..], &["--keep", "عنوان", "a.txt", "b.txt"]].concat());
    assert!(text(&out.stdout).contains("عنوان"), "{}", text(&out.stdout));
    fs::write(folder.path().join("d.txt"), format!("{NEW}\n").repeat(20)).unwrap();
    let out = run(&folder, &[&DROP[..], &["a.txt", "d.txt"]].concat());
    assert_eq!(text(&out.stdout), format!("{STORY}\n\n{MORE}\n{NEW}\n"));
}

#[cfg(feature = "index")]
#[test]
fn what_went_whole_is_no_original_of_later_runs() {
    let folder = papers();
    let index = [&DROP[..], &["--index", "news.index", "-q"]].concat();
    run(&folder, &[&index[..], &["a.txt"]].concat());
    let other = format!("{STORY}\n{MORE}\n{NEW} غدا\n");
    fs::write(folder.path().join("d.txt"), &other).unwrap();
    fs::write(folder.path().join("e.txt"), format!("{NEW} غدا\n")).unwrap();
    let above = ["clean", "--scope", "corpus", "--index", "news.index", "-q", "--drop-document-above", "0.5"];
    for _ in 0..2 {
        assert_eq!(text(&run(&folder, &[&above[..], &["d.txt"]].concat()).stdout), "");
    }
    assert_eq!(text(&run(&folder, &[&above[..], &["e.txt"]].concat()).stdout), format!("{NEW} غدا\n"));
}

#[test]
fn what_went_whole_is_put_back() {
    for place in [&["-i"][..], &["--output-dir", "out"]] {
        let folder = papers();
        let before = ["a.txt", "b.txt", "c.jsonl"].map(|name| fs::read(folder.path().join(name)).unwrap());
        let more = [place, &["--removed", "gone.jsonl", "a.txt", "b.txt", "c.jsonl"]].concat();
        let out = run(&folder, &[&DROP[..], &more].concat());
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        let root = if place == ["-i"] { folder.path().to_owned() } else { folder.path().join("out") };
        assert!(!root.join("b.txt").exists());
        let gone = fs::read_to_string(folder.path().join("gone.jsonl")).unwrap();
        let first: serde_json::Value = serde_json::from_str(gone.lines().next().unwrap()).unwrap();
        assert_eq!((&first["file"], &first["original"]["file"]), (&"b.txt".into(), &"a.txt".into()));
        assert!(first["document"].as_f64().unwrap() > 0.96);
        let files = ["a.txt", "b.txt", "c.jsonl"].map(|name| root.join(name).to_str().unwrap().to_owned());
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let out = run(&folder, &[&["restore", "-i", "--removed", "gone.jsonl"], &files[1..]].concat());
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        for (file, bytes) in files.iter().zip(before) {
            assert_eq!(text(&fs::read(file).unwrap()), text(&bytes), "{file}");
        }
    }
}
