//! Tatweel that only stretches a word: between a letter that joins on and the next one.
//!
//! One that ends a prefix (`لـ«نص»`), makes the sign of a Hijri year (`هـ`), carries a mark or a hamza, or is a dash stays.

use super::Edit;
use super::line::{Is, Sign};

/// Takes it away.
pub(super) fn repair(unit: &str, signs: &mut Vec<Sign>, edits: &mut Vec<Edit>) {
    if !signs.iter().any(|sign| sign.is == Is::Tatweel) {
        return;
    }
    let mut stretches = Vec::new();
    let mut at = 0;
    while at < signs.len() {
        let len = signs[at..].iter().take_while(|sign| sign.is == Is::Tatweel).count();
        if len > 0 && only_stretches(unit, &signs[..at], &signs[at + len..]) && !signs[at].locked {
            stretches.push(at..at + len);
        }
        at += len.max(1);
    }
    let (mut stretches, mut number) = (stretches.into_iter().peekable(), 0);
    signs.retain(|sign| {
        let here = number;
        number += 1;
        while stretches.next_if(|stretch| stretch.end <= here).is_some() {}
        let goes = stretches.peek().is_some_and(|stretch| stretch.contains(&here));
        if goes {
            edits.push(Edit { range: sign.range(), with: "" });
        }
        !goes
    });
}

fn only_stretches(unit: &str, before: &[Sign], after: &[Sign]) -> bool {
    let Some(next) = after.first().filter(|next| next.is == Is::Arabic) else { return false };
    let letter = before.iter().rev().find(|sign| sign.is != Is::Mark).filter(|sign| sign.is == Is::Arabic);
    let Some(letter) = letter.and_then(|sign| sign.text(unit).chars().next_back()) else { return false };
    // `لـالمدرسة`: written together it would be another spelling.
    let before_article = letter == 'ل' && next.text(unit).starts_with("ال");
    joins_on(letter) && !before_article
}

/// Whether a letter is drawn joined to the next one: all are but these.
fn joins_on(letter: char) -> bool {
    // Other letters than those of Arabic have joining types of their own, and forms for presentation are drawn as they are.
    matches!(letter, 'ئ' | 'ب' | 'ت'..='خ' | 'س'..='غ' | 'ف'..='ه' | 'ي' | 'ک' | 'ی' | 'گ' | 'چ' | 'پ' | 'ڤ')
}
