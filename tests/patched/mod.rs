//! A unified diff, applied.

/// Applies a unified diff as `patch` does, strictly: every context line and every removed line must be there.
pub(crate) fn patched(old: &[u8], diff: &[u8]) -> Vec<u8> {
    let old: Vec<&[u8]> = old.split_inclusive(|&byte| byte == b'\n').collect();
    let mut new = Vec::new();
    let mut at = 0;
    let mut lines = diff.split_inclusive(|&byte| byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        if line.starts_with(b"--- ") || line.starts_with(b"+++ ") {
            continue;
        }
        assert!(line.starts_with(b"@@ -"), "{}", String::from_utf8_lossy(line));
        let header = std::str::from_utf8(line).unwrap();
        let numbers: Vec<usize> =
            header.split(['-', '+', ',', ' ']).filter_map(|number| number.parse().ok()).take(4).collect();
        let start = if numbers[1] == 0 { numbers[0] } else { numbers[0] - 1 };
        new.extend(old[at..start].concat());
        at = start;
        let new_start = new.split_inclusive(|&byte| byte == b'\n').count();
        assert_eq!(new_start, if numbers[3] == 0 { numbers[2] } else { numbers[2] - 1 }, "{header}");
        let (mut olds, mut news) = (numbers[1], numbers[3]);
        while olds > 0 || news > 0 {
            let line = lines.next().unwrap();
            let mut text = line[1..].to_vec();
            if lines.peek().is_some_and(|next| next.starts_with(b"\\")) {
                lines.next();
                text.pop();
            }
            if line[0] != b'+' {
                assert_eq!(old[at], text);
                at += 1;
                olds -= 1;
            }
            if line[0] != b'-' {
                new.extend(text);
                news -= 1;
            }
        }
    }
    new.extend(old[at..].concat());
    new
}
