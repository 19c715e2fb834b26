//! Which documents the page shows, of those in which something was found: those of which most goes, as far as there is room.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::article::Article;

/// The most bytes that are kept of all documents together.
const KEPT: usize = 4 << 20;

/// The documents that are kept so far.
#[derive(Default)]
pub(super) struct Kept {
    /// Of which least goes first.
    documents: BinaryHeap<Reverse<Document>>,
    bytes: usize,
    /// How many there were.
    seen: u64,
}

struct Document {
    /// Which of the run it is, from 0.
    number: u64,
    article: Article,
}

impl Document {
    /// By how much goes; of two that are equal in that the earlier matters more.
    fn weight(&self) -> (u64, Reverse<u64>) {
        (self.article.words, Reverse(self.number))
    }
}

impl PartialEq for Document {
    fn eq(&self, other: &Document) -> bool {
        self.weight() == other.weight()
    }
}

impl Eq for Document {}

impl PartialOrd for Document {
    fn partial_cmp(&self, other: &Document) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Document {
    fn cmp(&self, other: &Document) -> Ordering {
        self.weight().cmp(&other.weight())
    }
}

impl Kept {
    /// Keeps a document, in the place of others if there is no room.
    pub(super) fn keep(&mut self, article: Article) {
        self.bytes += article.bytes;
        self.documents.push(Reverse(Document { number: self.seen, article }));
        self.seen += 1;
        while self.bytes > KEPT
            && self.documents.len() > 1
            && let Some(Reverse(left)) = self.documents.pop()
        {
            self.bytes -= left.article.bytes;
        }
    }

    /// How many documents there were.
    pub(super) fn seen(&self) -> u64 {
        self.seen
    }

    /// Those that are kept, in the order of the run.
    pub(super) fn take(&mut self) -> Vec<Article> {
        let mut documents: Vec<Document> = self.documents.drain().map(|Reverse(document)| document).collect();
        documents.sort_by_key(|document| document.number);
        documents.into_iter().map(|document| document.article).collect()
    }
}
