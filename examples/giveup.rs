use tikrar::fold::*;
fn main() {
    let text = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    for level in [Level::Typography, Level::Orthography, Level::Loose] {
    let mut f = Folder::new(level.folds());
    let t = std::time::Instant::now();
    let mut n = 0;
    let mut start = 0;
    for line in text.split(|&b| b == b'\n') {
        n += f.fold_in(&text, start..start + line.len()).text().len();
        start += line.len() + 1;
    }
    let el = t.elapsed();
    println!("{level} {} bytes, {:?}, {:.3} GB/s", n, el, text.len() as f64 / el.as_secs_f64() / 1e9);
    #[cfg(feature="count")]
    println!("{}", tikrar::fold::PLAIN.load(std::sync::atomic::Ordering::Relaxed));
    }
}
