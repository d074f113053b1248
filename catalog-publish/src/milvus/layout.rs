//! What a collection looks like, and whether we can write to it.

use catalog_core::{Error, ErrorKind, Result};

use super::proto::{CollectionSchema, FLOAT_VECTOR, FieldSchema, JSON, KeyValuePair, VARCHAR};
use super::settings::MilvusSettings;

/// Bytes of the strings in a collection that we make.
const ID_BYTES: usize = 128;
const FQN_BYTES: usize = 4_096;
const TEXT_BYTES: usize = 65_535;

/// A collection's fields as far as we write and read them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Layout {
    pub(super) key: Key,
    /// `None` in a collection whose rows have no id beside their name.
    pub(super) id: Option<Text>,
    pub(super) fqn: Text,
    pub(super) text: Text,
    pub(super) embedding: String,
    /// `None` where nothing says who wrote a row.
    pub(super) meta: Option<String>,
}

/// What tells rows apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Id,
    Fqn,
}

/// A field of text and the most bytes it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) name: String,
    pub(super) bytes_max: usize,
}

impl Layout {
    /// The primary key's field.
    pub(super) fn key_field(&self) -> &str {
        match (self.key, &self.id) {
            (Key::Id, Some(id)) => &id.name,
            _ => &self.fqn.name,
        }
    }

    /// Understands a collection that is there.
    pub(super) fn of(schema: &CollectionSchema, settings: &MilvusSettings, dimension: usize) -> Result<Self> {
        let refused = |why: &str| {
            Error::new(ErrorKind::Configuration, "open_index", why)
                .with("collection", &settings.collection)
                .hint("name its fields under milvus.fields, or choose another collection")
        };
        let names = &settings.fields;
        let field = |name: &str| schema.fields.iter().find(|f| f.name == name);
        let text = |name: &str| match field(name) {
            Some(f) if f.data_type == VARCHAR => Ok(Text { name: name.to_owned(), bytes_max: length_of(f) }),
            Some(_) => Err(refused("a field is no text").with("field", name)),
            None => Err(refused("a field is missing").with("field", name)),
        };
        let primary =
            schema.fields.iter().find(|f| f.is_primary_key).ok_or_else(|| refused("it has no primary key"))?;
        if primary.data_type != VARCHAR || primary.auto_id {
            return Err(refused("its primary key is not a text that we choose").with("field", &primary.name));
        }
        let key = match &primary.name {
            name if *name == names.id => Key::Id,
            name if *name == names.fqn => Key::Fqn,
            name => return Err(refused("its primary key is neither the id nor the name").with("field", name)),
        };
        let id = if key == Key::Id || field(&names.id).is_some() { Some(text(&names.id)?) } else { None };
        let vector =
            field(&names.embedding).ok_or_else(|| refused("a field is missing").with("field", &names.embedding))?;
        let found = parameter(&vector.type_params, "dim");
        if vector.data_type != FLOAT_VECTOR || found != Some(dimension) {
            return Err(Error::new(ErrorKind::Configuration, "open_index", "the collection holds other vectors")
                .with("collection", &settings.collection)
                .with("collection_dimension", found.unwrap_or(0))
                .with("configured_dimension", dimension)
                .hint("use the embedding model that the collection was made with, or another collection"));
        }
        let meta = field(&names.meta).filter(|f| f.data_type == JSON).map(|f| f.name.clone());
        let layout =
            Self { key, id, fqn: text(&names.fqn)?, text: text(&names.text)?, embedding: vector.name.clone(), meta };
        match schema.fields.iter().find(|f| needs_a_value(f) && !layout.writes(&f.name)) {
            Some(f) => Err(refused("it demands a field that we do not write").with("field", &f.name)),
            None => Ok(layout),
        }
    }

    fn writes(&self, name: &str) -> bool {
        let texts = self.id.iter().chain([&self.fqn, &self.text]).map(|text| text.name.as_str());
        texts.chain([self.embedding.as_str()]).chain(self.meta.as_deref()).any(|written| written == name)
    }
}

/// The collection that we make: id, name, text, vector, and a document that says who wrote the row.
pub(super) fn schema(collection: &str, settings: &MilvusSettings, dimension: usize) -> CollectionSchema {
    let names = &settings.fields;
    let field = |name: &str, data_type, parameter: Option<(&str, usize)>| FieldSchema {
        name: name.to_owned(),
        data_type,
        is_primary_key: name == names.id,
        type_params: parameter
            .map(|(key, value)| KeyValuePair { key: key.to_owned(), value: value.to_string() })
            .into_iter()
            .collect(),
        ..FieldSchema::default()
    };
    let text = |name: &str, bytes| field(name, VARCHAR, Some(("max_length", bytes)));
    CollectionSchema {
        name: collection.to_owned(),
        description: "Table vectors, written by AKKO Catalog Sync".to_owned(),
        fields: vec![
            text(&names.id, ID_BYTES),
            text(&names.fqn, FQN_BYTES),
            text(&names.text, TEXT_BYTES),
            field(&names.embedding, FLOAT_VECTOR, Some(("dim", dimension))),
            field(&names.meta, JSON, None),
        ],
    }
}

fn needs_a_value(field: &FieldSchema) -> bool {
    let given = field.nullable || field.default_value.is_some() || field.auto_id;
    !given && !field.is_dynamic && !field.is_function_output
}

fn length_of(field: &FieldSchema) -> usize {
    parameter(&field.type_params, "max_length").unwrap_or(TEXT_BYTES)
}

fn parameter(parameters: &[KeyValuePair], key: &str) -> Option<usize> {
    parameters.iter().find(|p| p.key == key)?.value.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> MilvusSettings {
        MilvusSettings::new("http://milvus:19530", "catalog")
    }

    fn ours() -> CollectionSchema {
        schema("catalog", &settings(), 768)
    }

    fn refusal(schema: &CollectionSchema) -> String {
        let error = Layout::of(schema, &settings(), 768).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        error.to_string()
    }

    #[test]
    fn what_we_make_we_understand() {
        let layout = Layout::of(&ours(), &settings(), 768).unwrap();
        assert_eq!((layout.key, layout.key_field(), layout.text.bytes_max), (Key::Id, "id", 65_535));
        assert_eq!(layout.meta.as_deref(), Some("meta"));
    }

    #[test]
    fn a_collection_keyed_by_name_is_used_as_it_is() {
        let mut schema = ours();
        schema.fields.remove(0);
        schema.fields[0].is_primary_key = true;
        let layout = Layout::of(&schema, &settings(), 768).unwrap();
        assert_eq!((layout.key, layout.key_field(), &layout.id), (Key::Fqn, "fqn", &None));
    }

    #[test]
    fn other_names_fit_when_they_are_configured() {
        let mut schema = ours();
        schema.fields[3].name = "vector".into();
        assert!(refusal(&schema).contains("field: embedding"));
        let mut settings = settings();
        settings.fields.embedding = "vector".into();
        assert_eq!(Layout::of(&schema, &settings, 768).unwrap().embedding, "vector");
    }

    #[test]
    fn another_dimension_is_refused_with_both_figures() {
        let told = Layout::of(&ours(), &settings(), 384).unwrap_err().to_string();
        assert!(told.contains("768") && told.contains("384"), "{told}");
    }

    #[test]
    fn a_key_that_we_cannot_choose_is_refused() {
        let mut schema = ours();
        schema.fields[0].auto_id = true;
        assert!(refusal(&schema).contains("not a text that we choose"));
        schema.fields[0] = FieldSchema { data_type: 5, ..ours().fields[0].clone() };
        assert!(refusal(&schema).contains("not a text that we choose"));
        schema.fields[0] = FieldSchema { name: "pk".into(), ..ours().fields[0].clone() };
        assert!(refusal(&schema).contains("neither the id nor the name"));
    }

    #[test]
    fn a_field_that_only_others_can_fill_is_named() {
        let mut schema = ours();
        schema.fields.push(FieldSchema { name: "tenant".into(), data_type: VARCHAR, ..FieldSchema::default() });
        assert!(refusal(&schema).contains("field: tenant"));
        schema.fields[5].nullable = true;
        assert!(Layout::of(&schema, &settings(), 768).is_ok());
    }

    #[test]
    fn without_a_document_for_the_writer_the_collection_still_fits() {
        let mut schema = ours();
        schema.fields.pop();
        assert_eq!(Layout::of(&schema, &settings(), 768).unwrap().meta, None);
    }
}
