//! What on the page can be linked to, and from where.

use hashbrown::{HashMap, HashSet};

use super::article::Article;
use super::said;
use crate::report::{DocumentName, Lines};
use crate::sink::FileName;

/// What a document is known by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct DocumentKey(Option<FileName>, Option<u64>);

impl DocumentKey {
    pub(super) fn of(document: &DocumentName) -> DocumentKey {
        DocumentKey(document.file.clone(), document.record)
    }
}

/// What on the page can be linked to.
pub(super) struct Links {
    /// The number of each document.
    numbers: HashMap<DocumentKey, usize>,
    /// The lines of each that are shown.
    lines: HashSet<(usize, u64)>,
    /// The copies of each line, by document and lines.
    copies: HashMap<(usize, u64), Vec<(usize, Lines)>>,
}

impl Links {
    /// All that these documents, numbered from 0, have.
    pub(super) fn of(articles: &[Article]) -> Links {
        let numbers: HashMap<DocumentKey, usize> =
            articles.iter().enumerate().map(|(number, article)| (article.key(), number)).collect();
        let mut links = Links { numbers, lines: HashSet::new(), copies: HashMap::new() };
        for (number, article) in articles.iter().enumerate() {
            links.lines.extend(article.lines().map(|line| (number, line)));
            for (lines, document, original, _) in article.originals() {
                if let Some(&document) = links.numbers.get(&DocumentKey::of(document)) {
                    links.copies.entry((document, original.first)).or_default().push((number, lines));
                }
            }
        }
        links
    }

    /// A name of a document, and a link around it, if that is shown.
    pub(super) fn name(&self, document: &DocumentName) -> String {
        let name = said::short_name(document);
        match self.numbers.get(&DocumentKey::of(document)) {
            Some(number) => format!(r##"<a href="#d{}">{name}</a>"##, number + 1),
            None => name,
        }
    }

    /// The copies of a line, by document and lines, if there are any.
    pub(super) fn copies_of(&self, number: usize, line: u64) -> Option<&[(usize, Lines)]> {
        self.copies.get(&(number, line)).map(Vec::as_slice)
    }

    /// What is said of a line, and a link to the line around it, if that is shown.
    pub(super) fn linked(&self, document: &DocumentKey, line: u64, said: &str) -> String {
        match self.numbers.get(document).filter(|number| self.lines.contains(&(**number, line))) {
            Some(&number) => format!(r##"<a href="#{}">{said}</a>"##, anchor(number, line)),
            None => said.to_owned(),
        }
    }
}

/// What a line of document `number` is called on the page.
pub(super) fn anchor(number: usize, line: u64) -> String {
    format!("d{}l{line}", number + 1)
}
