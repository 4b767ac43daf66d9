//! A sample of every page, with the plan's real figures where a page is mostly figures.

mod execution;
mod forms;
mod bars;
mod frame;
mod journal;
mod lights;
mod lists;
mod overview;
mod papers;
mod plan;
mod people;
mod project;
mod reports;

use serde::Serialize;
use taizhang::web::view::View;

pub use papers::problem_with;

/// A page as the reader gets it.
pub struct Rendered {
    /// A name for files and messages.
    pub name: &'static str,
    /// The template it came from.
    pub template: &'static str,
    /// The page.
    pub html: String,
}

/// Every sample, rendered.
pub fn pages(view: &View) -> Vec<Rendered> {
    vec![
        page(view, "overview", "overview.html", &overview::plan_only()),
        page(view, "overview-demo", "overview.html", &overview::demonstration()),
        page(view, "projects", "projects.html", &lists::projects()),
        page(view, "projects-none", "projects.html", &lists::projects_none()),
        page(view, "project", "project.html", &project::plan_only()),
        page(view, "project-past", "project.html", &project::recorded_in_the_past()),
        page(view, "category", "category.html", &lists::category()),
        page(view, "department", "department.html", &lists::department()),
        page(view, "milestones", "milestones.html", &lists::milestones()),
        page(view, "lights", "lights.html", &lights::shining()),
        page(view, "lights-none", "lights.html", &lights::none()),
        page(view, "execution", "execution.html", &execution::by_system()),
        page(view, "project-light", "project.html", &lights::project()),
        page(view, "gantt", "gantt.html", &bars::portfolio()),
        page(view, "gantt-none", "gantt.html", &bars::portfolio_none()),
        page(view, "reports", "reports.html", &reports::reports()),
        page(view, "reports-none", "reports.html", &reports::reports_not_begun()),
        page(view, "entries", "entries.html", &lists::entries()),
        page(view, "indicators", "indicators.html", &lists::indicators()),
        page(view, "line", "line.html", &papers::line()),
        page(view, "document", "document.html", &papers::document()),
        page(view, "data", "data.html", &papers::data()),
        page(view, "proof", "proof.html", &papers::proof()),
        page(view, "proof-broken", "proof.html", &papers::proof_broken()),
        page(view, "about", "about.html", &papers::about()),
        page(view, "account", "sections.html", &people::account()),
        page(view, "login", "login.html", &people::login()),
        page(view, "login-refused", "login.html", &people::login_refused()),
        page(view, "form-password", "form.html", &people::password()),
        page(view, "todo", "todo.html", &forms::todo()),
        page(view, "journal", "journal.html", &journal::journal()),
        page(view, "form", "form.html", &forms::refused()),
        page(view, "preview", "preview.html", &forms::preview()),
        page(view, "error", "error.html", &papers::problem()),
        page(view, "error-before-plan", "milestones.html", &lists::before_plan()),
    ]
}

fn page<C: Serialize>(view: &View, name: &'static str, template: &'static str, context: &C) -> Rendered {
    let html = view.render(template, context).unwrap_or_else(|error| panic!("{name}: {error:?}"));
    Rendered { name, template, html }
}
