//! All integration tests in one binary, a module per concept.
#![expect(clippy::expect_used, reason = "a test stops where the world is not as it says")]

mod api;
mod architecture;
mod attachments;
mod bad_input;
mod browser;
mod check;
mod css_lint;
mod journal;
mod licences;
mod lists;
mod money;
mod pages;
mod people;
mod papers;
mod play;
mod replay;
mod roles;
mod sample;
mod schema;
mod seeds;
mod sharing;
mod support;
mod templates;
mod values;
