//! Where a document is, as programs that show findings beside a text take it.

use super::excerpt::is_safe;
use super::{DocumentName, shown_name};

/// The path of a file without `./` before it, as a code host knows it; spelled as for a terminal where a terminal might act on
/// it, and where it is no text. None of standard input without a name.
pub(super) fn path(document: &DocumentName) -> Option<String> {
    let path = document.file.as_ref()?.path()?;
    let plain = path.to_str().filter(|name| name.chars().all(|c| is_safe(c) || c == '\n' || c == '\r'));
    let mut name = plain.map_or_else(|| shown_name(&path), str::to_owned);
    while let Some(rest) = name.strip_prefix("./") {
        name = rest.trim_start_matches('/').to_owned();
    }
    Some(name)
}
