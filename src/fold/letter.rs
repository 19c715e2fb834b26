//! The letters and marks that rules name.

pub(super) const ALEF: char = 'ا';
pub(super) const ALEF_MAKSURA: char = 'ى';
pub(super) const FARSI_YEH: char = 'ی';
pub(super) const FATHATAN: char = '\u{64B}';
pub(super) const HAMZA: char = 'ء';
pub(super) const HAMZA_ABOVE: char = '\u{654}';
pub(super) const HAMZA_BELOW: char = '\u{655}';
pub(super) const HEH: char = 'ه';
pub(super) const TATWEEL: char = 'ـ';
pub(super) const WAW: char = 'و';
pub(super) const WAW_HAMZA: char = 'ؤ';
pub(super) const YEH: char = 'ي';
pub(super) const YEH_HAMZA: char = 'ئ';
