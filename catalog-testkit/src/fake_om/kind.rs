//! The kinds of entities, their members, and references between them.

use serde_json::{Map, Value, json};

/// What an entity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A service: a whole database server.
    DatabaseService,
    /// A database of a service.
    Database,
    /// A schema of a database.
    DatabaseSchema,
    /// A table or view of a schema.
    Table,
    /// A family of tags.
    Classification,
    /// A tag.
    Tag,
}

const SHARED: &str = "id,name,displayName,fullyQualifiedName,description,version,updatedAt,updatedBy,impersonatedBy,\
href,owners,tags,followers,votes,changeDescription,incrementalChangeDescription,deleted,domain,domains,dataProducts,\
extension,sourceUrl,sourceHash,lifeCycle,certification,entityStatus,usageSummary";

impl Kind {
    /// All of them.
    pub(super) const ALL: [Self; 6] =
        [Self::DatabaseService, Self::Database, Self::DatabaseSchema, Self::Table, Self::Classification, Self::Tag];

    /// The name in references, events and messages.
    pub fn entity_type(self) -> &'static str {
        match self {
            Self::DatabaseService => "databaseService",
            Self::Database => "database",
            Self::DatabaseSchema => "databaseSchema",
            Self::Table => "table",
            Self::Classification => "classification",
            Self::Tag => "tag",
        }
    }

    /// The collection's path below `/api/v1`.
    pub(super) fn collection(self) -> &'static str {
        match self {
            Self::DatabaseService => "services/databaseServices",
            Self::Database => "databases",
            Self::DatabaseSchema => "databaseSchemas",
            Self::Table => "tables",
            Self::Classification => "classifications",
            Self::Tag => "tags",
        }
    }

    /// The member of a child that refers to an entity of this kind.
    pub(super) fn as_parent(self) -> &'static str {
        if self == Self::DatabaseService { "service" } else { self.entity_type() }
    }

    /// The kind that contains this one.
    pub(super) fn parent(self) -> Option<Self> {
        match self {
            Self::DatabaseService | Self::Classification => None,
            Self::Database => Some(Self::DatabaseService),
            Self::DatabaseSchema => Some(Self::Database),
            Self::Table => Some(Self::DatabaseSchema),
            Self::Tag => Some(Self::Classification),
        }
    }

    /// Does the other kind contain this one, directly or not?
    pub(super) fn is_below(self, other: Self) -> bool {
        self.parent().is_some_and(|parent| parent == other || parent.is_below(other))
    }

    /// Is this a member of such an entity? The same names are what `fields` accepts.
    pub(super) fn has_member(self, name: &str) -> bool {
        let own = match self {
            Self::DatabaseService => "serviceType,connection,pipelines,testConnectionResult,ingestionRunner",
            Self::Database => {
                "service,serviceType,location,databaseSchemas,default,retentionPeriod,databaseProfilerConfig"
            }
            Self::DatabaseSchema => "service,serviceType,database,tables,retentionPeriod,databaseSchemaProfilerConfig",
            Self::Table => {
                "service,serviceType,database,databaseSchema,tableType,columns,tableConstraints,tablePartition,location,\
schemaDefinition,fileFormat,retentionPeriod,joins,sampleData,tableProfilerConfig,customMetrics,profile,testSuite,\
dataModel,queries,locationPath,processedLineage,dataContract"
            }
            Self::Classification => "provider,disabled,mutuallyExclusive,termCount,reviewers,autoClassificationConfig",
            Self::Tag => {
                "classification,parent,children,provider,disabled,deprecated,mutuallyExclusive,style,usageCount,\
reviewers,recognizers,autoClassificationEnabled,autoClassificationPriority"
            }
        };
        SHARED.split(',').chain(own.split(',')).any(|member| member == name)
    }
}

/// Is this a member of a table's column?
pub(super) fn column_has_member(name: &str) -> bool {
    const MEMBERS: &str = "name,displayName,dataType,arrayDataType,dataLength,precision,scale,dataTypeDisplay,\
description,fullyQualifiedName,tags,constraint,ordinalPosition,jsonSchema,children,profile,customMetrics,extension";
    MEMBERS.split(',').any(|member| member == name)
}

/// A text member, empty where there is none.
pub(super) fn text<'a>(entity: &'a Value, member: &str) -> &'a str {
    entity[member].as_str().unwrap_or_default()
}

/// How other entities refer to this one.
pub(super) fn reference(kind: Kind, entity: &Value) -> Value {
    let mut reference = Map::new();
    for member in ["id", "name", "fullyQualifiedName", "description", "href"] {
        if let Some(value) = entity.get(member) {
            reference.insert(member.to_owned(), value.clone());
        }
    }
    reference.insert("type".to_owned(), json!(kind.entity_type()));
    reference.insert("displayName".to_owned(), entity.get("displayName").unwrap_or(&entity["name"]).clone());
    reference.insert("deleted".to_owned(), entity["deleted"].clone());
    Value::Object(reference)
}
