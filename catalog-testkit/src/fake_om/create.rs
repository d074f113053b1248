//! Entities from the requests that create them.

use catalog_core::model::Fqn;
use serde_json::{Map, Value, json};

use super::exchange::Answer;
use super::kind::{Kind, reference, text};
use super::options::User;
use super::stand_in::StandIn;
use super::{columns, labels};

/// Longer names are refused.
const NAME_CHARS_MAX: usize = 256;

/// The built-in classifications: name, tags. Each admits one tag.
const BUILT_IN: [(&str, &[&str]); 3] = [
    ("PII", &["None", "NonSensitive", "Sensitive"]),
    ("PersonalData", &["Personal", "SpecialCategory"]),
    ("Tier", &["Tier1", "Tier2", "Tier3", "Tier4", "Tier5"]),
];

impl StandIn {
    pub(super) fn add_built_in_tags(&mut self) {
        let admin = User::person("admin");
        for (family, tags) in BUILT_IN {
            let description = format!("The built-in classification {family}.");
            let request = json!({"name": family, "description": description, "mutuallyExclusive": true});
            self.add_built_in(Kind::Classification, &request, &admin);
            for tag in tags {
                let description = format!("The built-in tag {family}.{tag}.");
                let request = json!({"name": tag, "classification": family, "description": description});
                self.add_built_in(Kind::Tag, &request, &admin);
            }
        }
    }

    fn add_built_in(&mut self, kind: Kind, request: &Value, user: &User) {
        if let Ok(mut entity) = self.build(kind, request, user) {
            entity["provider"] = json!("system");
            self.store.insert(kind, entity);
        }
    }

    /// The entity that a request to create asks for, as version 0.1.
    ///
    /// # Errors
    /// 400 for a request that the server would refuse, 404 for a parent or tag that is not there.
    pub(super) fn build(&self, kind: Kind, body: &Value, user: &User) -> Result<Value, Answer> {
        let members = body.as_object().ok_or_else(|| Answer::error(400, "Unable to process JSON"))?;
        if let Some(unknown) = members.keys().find(|member| !kind.has_member(member)) {
            return Err(Answer::error(400, format!("Unrecognized field \"{unknown}\"")));
        }
        let name = text(body, "name");
        check_name(name)?;
        let id = Self::new_id();
        let href = format!("{}/{}/{id}", self.options.href_base, kind.collection());
        let mut entity = json!({
            "id": id,
            "name": name,
            "version": 0.1,
            "updatedAt": self.now_ms(),
            "updatedBy": user.name,
            "href": href,
            "deleted": false,
        });
        let parent = self.parent_of(kind, body)?;
        let fqn = match &parent {
            Some((_, parent)) => child_of(parent, name)?,
            None => Fqn::from_parts([name]),
        };
        entity["fullyQualifiedName"] = json!(fqn.to_string());
        for (member, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            if entity.get(member).is_none() {
                entity[member] = value.clone();
            }
        }
        if let Some((parent_kind, parent)) = parent {
            refer_to_parents(&mut entity, parent_kind, parent);
        }
        self.add_what_the_kind_has(kind, &mut entity, &fqn)?;
        Ok(entity)
    }

    fn parent_of(&self, kind: Kind, body: &Value) -> Result<Option<(Kind, &Value)>, Answer> {
        let Some(parent_kind) = kind.parent() else { return Ok(None) };
        let member = parent_kind.as_parent();
        let fqn = body[member].as_str().ok_or_else(|| Answer::error(400, format!("[{member} must not be null]")))?;
        Ok(Some((parent_kind, self.find_by_name(parent_kind, fqn, false)?)))
    }

    fn add_what_the_kind_has(&self, kind: Kind, entity: &mut Value, fqn: &Fqn) -> Result<(), Answer> {
        let known = self.store.known_tags();
        match kind {
            Kind::Classification | Kind::Tag => {
                if text(entity, "description").is_empty() {
                    return Err(Answer::error(400, "[description must not be null]"));
                }
                default(entity, "mutuallyExclusive", json!(false));
                match kind {
                    Kind::Tag => default(entity, "deprecated", json!(false)),
                    _ => default(entity, "provider", json!("user")),
                }
                return Ok(());
            }
            Kind::DatabaseService if text(entity, "serviceType").is_empty() => {
                return Err(Answer::error(400, "[serviceType must not be null]"));
            }
            Kind::Database => default(entity, "default", json!(false)),
            Kind::Table => {
                entity["columns"] = columns::complete(&entity["columns"], fqn, &known)?;
                default(entity, "votes", json!({"upVotes": 0, "downVotes": 0, "upVoters": [], "downVoters": []}));
                self.check_constraints(entity)?;
            }
            Kind::DatabaseService | Kind::DatabaseSchema => {}
        }
        entity["tags"] = labels::complete(&entity["tags"], &known)?;
        for member in ["owners", "followers", "dataProducts"] {
            default(entity, member, json!([]));
        }
        Ok(())
    }

    /// What PUT makes of an entity that is there and one built from the request.
    pub(super) fn merged_put(
        &self,
        kind: Kind,
        original: &Value,
        mut put: Value,
        user: &User,
    ) -> Result<Value, Answer> {
        for member in ["id", "href", "votes", "followers", "changeDescription"] {
            if let Some(value) = original.get(member) {
                put[member] = value.clone();
            }
        }
        if user.is_bot && !text(original, "description").is_empty() {
            put["description"] = original["description"].clone();
        }
        let known = self.store.known_tags();
        if original["tags"].is_array() {
            put["tags"] = labels::complete(&labels::merged(&original["tags"], &put["tags"]), &known)?;
        }
        if kind == Kind::Table {
            let fqn = text(original, "fullyQualifiedName").parse().map_err(|_| Answer::error(400, "invalid name"))?;
            let merged = columns::merge(&original["columns"], &put["columns"], user.is_bot);
            put["columns"] = columns::complete(&merged, &fqn, &known)?;
        }
        Ok(put)
    }
}

fn default(entity: &mut Value, member: &str, value: Value) {
    if entity.get(member).is_none() {
        entity[member] = value;
    }
}

fn check_name(name: &str) -> Result<(), Answer> {
    if name.is_empty() {
        return Err(Answer::error(400, "[name must not be null]"));
    }
    if name.chars().count() > NAME_CHARS_MAX {
        return Err(Answer::error(400, format!("[name size must be between 1 and {NAME_CHARS_MAX}]")));
    }
    if name.contains("::") || name.contains(['<', '>']) {
        return Err(Answer::error(400, "[name must match the pattern of entity names]"));
    }
    Ok(())
}

fn child_of(parent: &Value, name: &str) -> Result<Fqn, Answer> {
    let parent: Fqn = text(parent, "fullyQualifiedName").parse().map_err(|_| Answer::error(400, "invalid name"))?;
    Ok(parent.child(name))
}

/// An entity refers to its parent and to all that the parent refers to.
fn refer_to_parents(entity: &mut Value, parent_kind: Kind, parent: &Value) {
    entity[parent_kind.as_parent()] = reference(parent_kind, parent);
    let inherited: Map<String, Value> = ["service", "database"]
        .into_iter()
        .filter_map(|member| Some((member.to_owned(), parent.get(member)?.clone())))
        .collect();
    for (member, value) in inherited {
        entity[member] = value;
    }
    if let Some(service_type) = parent.get("serviceType") {
        entity["serviceType"] = service_type.clone();
    }
}
