//! What the targets have in common. An input of most is what is chosen for a run, a byte each, and then a text.

pub mod choices;
pub mod cleaned;
pub mod damage;
pub mod on_disk;
pub mod plainly;
