//! The rooms of the walk by themselves: folding at each level, hashing, planning. `cargo bench`.
//!
//! Whole runs beside other programs are measured by `benches/compare`.

#![allow(missing_docs, clippy::expect_used, reason = "a bench that can't go on has failed")]

use std::hint::black_box;
use std::io;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use tikrar::corpus::{Documents, Examiner, Finished, Options, Stream, Threads};
use tikrar::fold::{Folder, Level};
use tikrar::index::Memory;
use tikrar::key::Key;
use tikrar::plan::{Item, Plan, StreamItem, StreamPlan};
use tikrar::source::{Document, Opened};

/// Real articles, over and over, each line with a number that tells it from the same line elsewhere: about a megabyte.
fn news() -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/articles");
    let mut paths: Vec<_> = folder.read_dir().expect("fixtures").map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let articles: Vec<String> = paths
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect();
    let mut text = String::new();
    for line in articles.iter().flat_map(|article| article.lines()).cycle() {
        if text.len() > 1_000_000 {
            break;
        }
        text.push_str(line);
        if !line.is_empty() {
            text.push_str(&format!(" {}", text.len()));
        }
        text.push('\n');
    }
    text.into_bytes()
}

fn ranges(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut start = 0;
    text.split(|&byte| byte == b'\n')
        .map(|line| {
            let range = start..start + line.len();
            start = range.end + 1;
            range
        })
        .filter(|range| !range.is_empty())
        .collect()
}

fn fold(criterion: &mut Criterion) {
    let text = news();
    let lines = ranges(&text);
    let mut group = criterion.benchmark_group("fold");
    group.throughput(Throughput::Bytes(text.len() as u64));
    for level in Level::ALL {
        let mut bench = |name: &str, mut folder: Folder| {
            group.bench_function(BenchmarkId::new(name, level), |bencher| {
                bencher
                    .iter(|| lines.iter().map(|line| folder.fold_in(&text, line.clone()).text().len()).sum::<usize>());
            });
        };
        bench("fast", Folder::new(level.folds()));
        bench("without vectors", Folder::without_vectors(level.folds()));
        bench("plain rules", Folder::by_plain_rules(level.folds()));
    }
    group.finish();
}

fn key(criterion: &mut Criterion) {
    let text = news();
    let lines = ranges(&text);
    let mut folder = Folder::new(Level::default().folds());
    let mut group = criterion.benchmark_group("key");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("fold and hash", |bencher| {
        bencher.iter(|| {
            for line in &lines {
                black_box(Key::of(folder.fold_in(&text, line.clone())));
            }
        });
    });
    group.finish();
}

/// A hundred thousand units of five words, one in ten of them there before.
fn items() -> Vec<Item> {
    (0..100_000_u32)
        .map(|at| {
            let class = if at % 10 == 9 { at / 20 } else { at };
            let key = Key::from(u128::from(class).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_0C2A_7B16_D7C5));
            Item { key, class, words: 5, protected: false }
        })
        .collect()
}

fn plan(criterion: &mut Criterion) {
    let items = items();
    let mut group = criterion.benchmark_group("plan");
    group.throughput(Throughput::Elements(items.len() as u64));
    group.bench_function("of a document", |bencher| {
        bencher.iter(|| Plan::of_document(&items, 10).expect("a plan").copies());
    });
    group.bench_function("of a corpus", |bencher| {
        bencher.iter(|| {
            let mut plan = StreamPlan::new(10, Memory::new());
            let items = items.iter().enumerate().map(|(at, item)| {
                let Item { key, words, protected, .. } = *item;
                StreamItem { key, words, protected, place: at as u64 }
            });
            let mut decided = 0;
            let Ok(()) = plan.extend(items, |_| decided += 1);
            decided
        });
    });
    group.finish();
}

fn walk(criterion: &mut Criterion) {
    let text = news();
    let options = Options::default();
    let mut group = criterion.benchmark_group("walk");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("document", |bencher| {
        let document = Document::of_bytes(text.clone());
        let mut examiner = Examiner::new(&options);
        bencher.iter(|| examiner.examine(&document).expect("a plan").plan.copies());
    });
    group.bench_function("corpus", |bencher| {
        let mut stream = Stream::new(&options);
        stream.threads = Threads::ONE;
        bencher.iter(|| {
            let reader = Box::new(io::Cursor::new(text.clone()));
            let mut document =
                Some(Documents::Text(Box::new(Opened { head: Vec::new(), reader, file: None, raw: None })));
            let mut finished = |_: Finished<io::Error>| {};
            let open = || document.take().map(Ok);
            stream.clean(open, &mut io::sink(), &mut finished).expect("it is written").0.removed
        });
    });
    group.finish();
}

criterion_group!(benches, fold, key, plan, walk);
criterion_main!(benches);
