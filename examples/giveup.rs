//! t
use tikrar::fold::*;
fn main() {
    let text = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    let n: usize = std::env::args().nth(2).map_or(1, |n| n.parse().unwrap());
    let only = std::env::args().nth(3);
    for level in [Level::Typography, Level::Orthography, Level::Loose] {
        if only.as_deref().is_some_and(|o| o != level.name()) { continue; }
        let mut f = Folder::new(level.folds());
        let mut best = f64::MAX;
        let mut len = 0;
        for _ in 0..n {
            let t = std::time::Instant::now();
            let mut start = 0;
            for end in memchr::memchr_iter(b'\n', &text) {
                len += f.fold_in(&text, start..end).text().len();
                start = end + 1;
            }
            best = best.min(t.elapsed().as_secs_f64());
        }
        println!("{level} {len} bytes, {:.1} ms {:.3} GB/s", best * 1e3, text.len() as f64 / best / 1e9);
    }
}
