//! What waits for whoever has signed in.

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::answer::Body;
use super::get;
use super::query::Allowed;
use super::serve::{Face, serve};
use super::state::State;
use super::viewer::Needs;
use crate::report::todo;

/// The page's route.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/todo", get().to(page));
}

async fn page(request: HttpRequest, state: Data<State>) -> HttpResponse {
    serve(request, state, Face::Page, Needs::Account, Allowed::VIEW, |conn, asked, state| {
        state.view.render("todo.html", &todo::build(conn, asked)?).map(Body::html)
    })
    .await
}
