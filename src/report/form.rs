//! Forms: what a person fills in, shown again with what was typed when it is refused.

use serde::Serialize;

use super::asked::Asked;
use super::frame::{Hidden, Link, SelectOption};
use crate::error::{Error, Fault};
use crate::project::{Attribute, ProjectState};

/// What was typed, and why it was refused.
#[derive(Clone, Debug, Default)]
pub struct Filled {
    /// The fields as they were sent.
    pub values: Vec<(String, String)>,
    /// The refusal.
    pub error: Option<Error>,
}

impl Filled {
    /// A form opened by its address: the parameters fill it in.
    pub fn from_address(asked: &Asked) -> Filled {
        Filled { values: asked.params.clone(), error: None }
    }

    /// The value of a field.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// What is wrong with a field.
    pub fn fault(&self, name: &str) -> Option<&Fault> {
        match &self.error {
            Some(Error::Invalid(faults)) => faults.iter().find(|fault| fault.field == name),
            _ => None,
        }
    }
}

/// A form.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Form {
    /// Its id in the page.
    pub id: String,
    /// Where it is sent.
    pub action: String,
    /// Whether it brings a file.
    pub has_file: bool,
    /// Proof that it comes from our own page.
    pub csrf: String,
    /// What makes sending it twice harmless; empty where it does not matter.
    pub key: String,
    /// The version of what it changes; empty where there is none.
    pub version: String,
    /// What is wrong with the whole.
    pub problem: Option<String>,
    /// Faults of fields that are not on the page (of a list, say).
    pub faults: Vec<Fault>,
    /// The fields.
    pub fields: Vec<Field>,
    /// Fields that belong together, line by line.
    pub groups: Vec<Group>,
    /// What the button says beside its words, sent as `step`; empty: nothing.
    pub step: String,
    /// A second button that saves nothing.
    pub also: Option<Also>,
    /// Whether this machine holds what is typed until it is sent: a lost connection loses nothing.
    pub keeps: bool,
    /// Fields that are not seen.
    pub hidden: Vec<Hidden>,
    /// The words on the button.
    pub submit: String,
    /// Whether the button undoes or ends something.
    pub is_grave: bool,
    /// The way back.
    pub cancel: Option<Link>,
}

/// A second button: its words, and what it sends as `step`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Also {
    /// The words.
    pub label: String,
    /// The step.
    pub step: String,
}

impl Also {
    /// A button.
    pub fn new(label: &str, step: &str) -> Also {
        Also { label: label.into(), step: step.into() }
    }
}

/// Fields of a form under one heading.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Group {
    /// The heading.
    pub legend: String,
    /// The fields.
    pub fields: Vec<Field>,
}

/// A field of a form.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Field {
    /// Its name as it is sent.
    pub name: String,
    /// The words before it.
    pub label: String,
    /// `text`, `password`, `date`, `month`, `number`, `area`, `select`, `check`, `file`.
    pub kind: &'static str,
    /// What it holds.
    pub value: String,
    /// What can be typed, or what it means.
    pub hint: String,
    /// What is wrong.
    pub error: Option<String>,
    /// The choices of a select.
    pub options: Vec<SelectOption>,
    /// Whether it must be filled.
    pub required: bool,
    /// The browser's `autocomplete`.
    pub autocomplete: &'static str,
    /// The unit after it.
    pub unit: String,
    /// The most characters it takes; 0: not said.
    pub max: usize,
}

impl Form {
    /// A form of a page. `key` is fresh for each page shown: sending it twice records once.
    pub fn new(asked: &Asked, id: &str, action: impl Into<String>, submit: &str, filled: &Filled) -> Form {
        let (problem, faults) = match &filled.error {
            None => (None, Vec::new()),
            Some(Error::Invalid(faults)) => (Some("有几处要改，已在各项下面写明。".to_owned()), faults.clone()),
            Some(other) => (Some(other.to_string()), Vec::new()),
        };
        Form {
            id: id.into(),
            action: action.into(),
            csrf: asked.reader.csrf.clone(),
            key: asked.reader.key.clone(),
            problem,
            faults,
            submit: submit.into(),
            ..Form::default()
        }
    }

    /// Adds a field, with what was typed before and what is wrong with it.
    #[must_use]
    pub fn with(mut self, field: Field, filled: &Filled) -> Form {
        let field = self.filled(field, filled);
        self.fields.push(field);
        self
    }

    /// Adds fields under one heading.
    #[must_use]
    pub fn with_group(mut self, legend: &str, fields: Vec<Field>, filled: &Filled) -> Form {
        let fields = fields.into_iter().map(|field| self.filled(field, filled)).collect();
        self.groups.push(Group { legend: legend.into(), fields });
        self
    }

    fn filled(&mut self, mut field: Field, filled: &Filled) -> Field {
        if let Some(value) = filled.value(&field.name)
            && field.kind != "password"
        {
            field.value = value.to_owned();
            for option in &mut field.options {
                option.selected = option.value == value;
            }
        }
        if let Some(fault) = filled.fault(&field.name) {
            field.error = Some(match fault.value.is_empty() || field.kind == "password" {
                true => fault.message.clone(),
                false => format!("「{}」：{}", fault.value, fault.message),
            });
            self.faults.retain(|other| other.field != field.name);
        }
        self.has_file |= field.kind == "file";
        field
    }

    /// Adds a value that is sent along.
    #[must_use]
    pub fn hiding(mut self, name: &str, value: impl Into<String>) -> Form {
        self.hidden.push(Hidden { name: name.into(), value: value.into() });
        self
    }
}

impl Field {
    /// A field of a kind.
    pub fn new(name: &str, label: &str, kind: &'static str) -> Field {
        Field { name: name.into(), label: label.into(), kind, ..Field::default() }
    }

    /// Must be filled.
    #[must_use]
    pub fn required(self) -> Field {
        Field { required: true, ..self }
    }

    /// What it holds at first.
    #[must_use]
    pub fn holding(self, value: impl Into<String>) -> Field {
        Field { value: value.into(), ..self }
    }

    /// What can be typed.
    #[must_use]
    pub fn hint(self, hint: &str) -> Field {
        Field { hint: hint.into(), ..self }
    }

    /// A choice among words: (value, label); the first is chosen until another was.
    pub fn select(name: &str, label: &str, options: &[(String, String)], chosen: &str) -> Field {
        let options = options
            .iter()
            .map(|(value, label)| SelectOption {
                value: value.clone(),
                label: label.clone(),
                selected: value == chosen,
            })
            .collect();
        Field { options, value: chosen.into(), ..Field::new(name, label, "select") }
    }
}

/// The context of `form.html`: a page that is one form and what it says about it.
#[derive(Clone, Debug, Serialize)]
pub struct FormPage {
    /// The surroundings.
    pub frame: super::frame::Frame,
    /// What happens, in a sentence or two.
    pub sentences: Vec<String>,
    /// Cautions.
    pub banners: Vec<super::frame::Banner>,
    /// Before and after, or what stands now.
    pub facts: Vec<super::frame::Fact>,
    /// The form.
    pub form: Form,
    /// What belongs below it.
    pub tables: Vec<super::table::Table>,
}

impl FormPage {
    /// A form about a project: the way to it, and its name above the form.
    pub fn of_project(asked: &Asked, title: &str, state: &ProjectState, form: Form) -> FormPage {
        let (code, name) = (&state.project.code, state.value(Attribute::Name));
        let mut frame = asked.frame(title, "/projects");
        frame.crumbs.push(Link::new("项目", "/projects"));
        frame.crumbs.push(Link::new(name, format!("/projects/{code}")));
        let sentences = vec![format!("{code} {name}")];
        FormPage { frame, sentences, banners: Vec::new(), facts: Vec::new(), form, tables: Vec::new() }
    }
}
