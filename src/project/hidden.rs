//! What some readers are not shown: systems and departments that are only inferred.
//!
//! To them such a value is not there. It is absent from pages and files, and from what lists are
//! filtered, grouped and counted by: the project stands where nothing is classified, 待确认.

use super::{Attribute, ProjectFact, ProjectState, Status};

/// Of what the inferred values are hidden.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Hidden {
    /// 体系.
    pub categories: bool,
    /// 责任部门, with those who support and the unit and person under them.
    pub departments: bool,
}

impl Hidden {
    /// Nothing: what whoever has signed in sees of what they see.
    pub const NOTHING: Hidden = Hidden { categories: false, departments: false };

    /// Whether what is inferred of an attribute is hidden.
    pub fn is_of(self, attribute: Attribute) -> bool {
        match attribute {
            Attribute::Category => self.categories,
            Attribute::LeadDepartment
            | Attribute::SupportDepartments
            | Attribute::ResponsibleUnit
            | Attribute::ResponsiblePerson => self.departments,
            _ => false,
        }
    }

    /// Whether a fact is hidden.
    pub fn is_fact(self, fact: &ProjectFact) -> bool {
        fact.status == Status::Inferred.word() && Attribute::parse(&fact.attribute).is_ok_and(|of| self.is_of(of))
    }

    /// The value of an attribute as the reader sees it; empty when nothing is said or it is hidden.
    pub fn value(self, state: &ProjectState, attribute: Attribute) -> &str {
        match self.is_of(attribute) && state.is_inferred(attribute) {
            true => "",
            false => state.value(attribute),
        }
    }

    /// The project as the reader sees it.
    pub fn shown(self, mut state: ProjectState) -> ProjectState {
        state.facts.retain(|attribute, standing| !(self.is_of(*attribute) && standing.status == Status::Inferred));
        state
    }
}
