//! A register in play: random commands through the product, and beside it what they said, kept
//! as plain lists that share no code with the product's totals.

mod decisions;
mod moves;
mod reports;
mod truth;

pub use moves::{Play, a_small_plan, a_varied_play, moves};
pub use truth::{Answer, Question};
