use tikrar::fold::*;
fn main() {
    // lines where the fast path gives up: measured by timing is hard, so by a debug hook
    let text = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    let mut f = Folder::new(Level::Typography.folds());
    let (mut lost, mut lines) = (0usize, 0usize);
    for line in text.split(|&b| b == b'\n') {
        if !line.is_empty() && !f.is_fast(line) { lost += line.len(); lines += 1; if lines < 400 && lines % 10 == 0 { println!("{}", String::from_utf8_lossy(line)); } }
    }
    println!("lost {lost} of {} in {lines}", text.len());
}
