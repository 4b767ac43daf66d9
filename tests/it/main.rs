//! All integration tests in one binary, a module per concept.
#![expect(clippy::expect_used, reason = "a test stops where the world is not as it says")]

mod api;
mod approval;
mod architecture;
mod attachments;
mod bad_input;
mod browser;
mod check;
mod confirm;
mod css_lint;
mod decisions;
mod forms;
mod journal;
mod journal_pages;
mod licences;
mod limits;
mod lists;
mod milestone_forms;
mod milestones;
mod money;
mod pages;
mod people;
mod papers;
mod play;
mod registry_api;
mod replay;
mod roles;
mod sample;
mod schema;
mod seeds;
mod settings;
mod sharing;
mod support;
mod templates;
mod values;
mod witness;
