//! All integration tests in one binary, a module per concept.
#![expect(clippy::expect_used, reason = "a test stops where the world is not as it says")]

mod api;
mod architecture;
mod bad_input;
mod browser;
mod css_lint;
mod licences;
mod pages;
mod roles;
mod sample;
mod schema;
mod support;
mod templates;
