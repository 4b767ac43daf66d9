//! The pages and the API over a test's database, in this process: the routes that `serve` serves.

use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::rt::{System, SystemRunner};
use actix_web::web::Data;
use actix_web::{App, test};
use taizhang::config::{Operator, Reach};
use taizhang::db::Db;
use taizhang::web::query::Setting;
use taizhang::web::state::State;

/// The pages of one database.
pub struct Site {
    system: SystemRunner,
    state: Data<State>,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Site {
    /// The site over a database; ordinary, with nobody named as running it.
    pub fn over(db: &Db) -> Site {
        Site::set(db, Setting { operator: Operator::default(), demo: false, reach: Reach::default() })
    }

    /// The site of the demonstration.
    pub fn over_demo(db: &Db) -> Site {
        Site::set(db, Setting { operator: Operator::default(), demo: true, reach: Reach::default() })
    }

    fn set(db: &Db, setting: Setting) -> Site {
        let state = Data::new(State::new(db.clone(), setting).expect("the templates parse"));
        Site { system: System::new(), state }
    }

    /// GET.
    pub fn get(&self, address: &str) -> Answer {
        self.ask(Method::GET, address, &[])
    }

    /// Any request without a body.
    pub fn ask(&self, method: Method, address: &str, headers: &[(&str, &str)]) -> Answer {
        self.system.block_on(async {
            let app = App::new().app_data(self.state.clone()).wrap(taizhang::web::headers());
            let service = test::init_service(app.configure(taizhang::web::routes)).await;
            let mut request = test::TestRequest::default().method(method).uri(address);
            for header in headers {
                request = request.insert_header(*header);
            }
            let response = test::call_service(&service, request.to_request()).await;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let body = test::read_body(response).await;
            Answer { status, headers, body: String::from_utf8(body.to_vec()).expect("every body is UTF-8") }
        })
    }
}

impl Answer {
    /// A header's text; empty when there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header of plain text"))
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("not JSON ({error}): {}", self.body))
    }

    /// The words of the page's main region as a reader sees them: without markup, spaces squeezed.
    pub fn words(&self) -> String {
        let from = self.body.find("<main").unwrap_or(0);
        let to = self.body.find("</main>").unwrap_or(self.body.len());
        words_of(&self.body[from..to])
    }

    /// The values of an attribute, wherever it stands, unescaped.
    pub fn attributes(&self, name: &str) -> Vec<String> {
        let needle = format!(" {name}=\"");
        self.body.split(needle.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).map(unescape).collect()
    }
}

/// Text without markup.
pub fn words_of(html: &str) -> String {
    let mut words = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                words.push(' ');
            }
            c if !inside => words.push(c),
            _ => {}
        }
    }
    unescape(&words.split_whitespace().collect::<Vec<_>>().join(" "))
}

fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#x27;", "'")
        .replace("&#39;", "'")
        .replace("&#x2F;", "/")
        .replace("&amp;", "&")
}
