//! What there is below a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Files, by their paths from the folder.
pub(crate) type Tree = BTreeMap<String, Vec<u8>>;

/// The files below a folder.
pub(crate) fn tree(root: &Path) -> Tree {
    let mut files = Tree::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                files.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    files
}
