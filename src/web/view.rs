//! Contexts to HTML: the templates, compiled in and checked once at start.
//!
//! Every template's name ends in `.html`, so every value is escaped; none uses `safe`.
//! Templates receive finished strings and lay them out. A variable that is not there is an error,
//! which is why the tests render every template with every sample.

use std::collections::BTreeMap;

use rust_embed::RustEmbed;
use serde::Serialize;
use tera::{Context, Tera};

use super::asset;
use crate::error::{Error, Result};

#[derive(RustEmbed)]
#[folder = "templates/"]
struct Templates;

/// The parsed templates.
#[derive(Debug)]
pub struct View {
    tera: Tera,
}

impl View {
    /// Parses every template; a mistake in any of them is found here and not on a page.
    pub fn load() -> Result<Self> {
        let mut tera = Tera::default();
        let files: Vec<(String, String)> = Templates::iter()
            .filter_map(|name| Some((name.to_string(), Templates::get(&name)?)))
            .map(|(name, file)| (name, String::from_utf8_lossy(&file.data).into_owned()))
            .collect();
        tera.add_raw_templates(files).map_err(|cause| fault("读取页面模板", &cause))?;
        let addresses = BTreeMap::from([
            ("css", asset::address("taizhang.css")),
            ("icon", asset::address("icon.svg")),
            ("js", asset::address("taizhang.js")),
        ]);
        tera.global_context().insert("asset", &addresses);
        Ok(Self { tera })
    }

    /// The HTML of `template` (`overview.html`) with its page's context.
    pub fn render<C: Serialize>(&self, template: &str, context: &C) -> Result<String> {
        Context::from_serialize(context)
            .and_then(|context| self.tera.render(template, &context))
            .map_err(|cause| fault(&format!("生成页面 {template}"), &cause))
    }

    /// The names of all templates.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tera.get_template_names()
    }
}

fn fault(context: &str, cause: &tera::Error) -> Error {
    Error::internal(context, cause.to_string())
}
