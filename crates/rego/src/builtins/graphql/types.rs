//! Schemas, validated: the types and directives by name.
//!
//! Follows gqlparser v2.5.64 validator/schema.go

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use super::error::{GraphqlError, Stop, check_depth};
use super::schema;
use super::tree::{
    At, Definition, Directive, DirectiveDefinition, FieldDefinition, Kind, SchemaDefinition, SchemaDocument, Type,
    Value, ValueKind,
};
use crate::builtins::Context;
use crate::text::{Charset, quote};

/// What every schema has.
static PRELUDE: LazyLock<SchemaDocument> =
    LazyLock::new(|| schema::parse(include_str!("prelude.graphql"), true).expect("the prelude is a schema"));

/// A schema that queries are validated with.
#[derive(Debug, Default)]
pub(super) struct Schema {
    pub(super) types: BTreeMap<String, Definition>,
    pub(super) directives: BTreeMap<String, DirectiveDefinition>,
    /// The objects that each interface and union may be, by its name.
    possible: HashMap<String, Vec<String>>,
    pub(super) query: Option<String>,
    pub(super) mutation: Option<String>,
    pub(super) subscription: Option<String>,
}

type Checked = Result<(), Stop>;

fn error<T>(at: At, message: impl Into<String>) -> Result<T, Stop> {
    Err(Stop::Error(GraphqlError::new(at, message)))
}

fn quoted(text: &str) -> String {
    quote(text, Charset::Unicode)
}

impl Schema {
    /// The schema of a document, with what every schema has.
    pub(super) fn of(context: &mut Context, document: SchemaDocument) -> Result<Self, Stop> {
        let mut schema = Self::default();
        let order = schema.collect(context, &document)?;
        schema.find_possible(&order);
        schema.collect_directives(&document)?;
        let positions = schema.roots(&document)?;
        schema.check_types(context)?;
        schema.check_input_cycles(context)?;
        for directive in schema.directives.values() {
            context.step()?;
            schema.check_directive_definition(directive)?;
        }
        if document.schemas.is_empty() {
            schema.infer_roots();
        }
        schema.check_roots(&positions)?;
        schema.add_introspection();
        Ok(schema)
    }

    /// The definition of a type.
    pub(super) fn get(&self, name: &str) -> Option<&Definition> {
        self.types.get(name)
    }

    /// The definition of the type that an operation begins with.
    pub(super) fn root(&self, operation: &str) -> Option<&Definition> {
        let name = match operation {
            "query" | "" => &self.query,
            "mutation" => &self.mutation,
            "subscription" => &self.subscription,
            _ => &None,
        };
        self.get(name.as_ref()?)
    }

    /// The names of the objects that a type may be.
    pub(super) fn possible(&self, name: &str) -> &[String] {
        self.possible.get(name).map_or(&[], Vec::as_slice)
    }

    /// Collects the types with their extensions; their names in the order of the document.
    fn collect(&mut self, context: &mut Context, document: &SchemaDocument) -> Result<Vec<String>, Stop> {
        let mut order = Vec::new();
        for definition in PRELUDE.definitions.iter().chain(&document.definitions) {
            context.step()?;
            let known = self.types.insert(definition.name.clone(), definition.clone());
            if known.is_some() {
                return error(definition.at, format!("Cannot redeclare type {}.", definition.name));
            }
            order.push(definition.name.clone());
        }
        for extension in &document.extensions {
            context.step()?;
            let name = &extension.name;
            let definition = self.types.entry(name.clone()).or_insert_with(|| {
                order.push(name.clone());
                Definition {
                    kind: extension.kind,
                    name: name.clone(),
                    at: extension.at,
                    ..Definition::default()
                }
            });
            if definition.kind != extension.kind {
                let (base, own) = (definition.kind.name(), extension.kind.name());
                let told = format!("Cannot extend type {name} because the base type is a {base}, not {own}.");
                return error(extension.at, told);
            }
            definition.directives.extend(extension.directives.iter().cloned());
            definition.interfaces.extend(extension.interfaces.iter().cloned());
            definition.fields.extend(extension.fields.iter().cloned());
            definition.types.extend(extension.types.iter().cloned());
            definition.type_positions.extend(&extension.type_positions);
            definition.enum_values.extend(extension.enum_values.iter().cloned());
        }
        Ok(order)
    }

    fn find_possible(&mut self, order: &[String]) {
        for name in order {
            let Some(definition) = self.types.get(name) else {
                continue;
            };
            let mut add = |of: &str, name: &str| {
                self.possible.entry(of.to_owned()).or_default().push(name.to_owned());
            };
            match definition.kind {
                Kind::Union => definition.types.iter().for_each(|member| add(name, member)),
                Kind::Interface | Kind::Object | Kind::InputObject => {
                    definition.interfaces.iter().for_each(|interface| add(interface, name));
                    if definition.kind != Kind::Interface {
                        add(name, name);
                    }
                }
                Kind::Scalar | Kind::Enum | Kind::Unknown => {}
            }
        }
    }

    fn collect_directives(&mut self, document: &SchemaDocument) -> Checked {
        for directive in PRELUDE.directives.iter().chain(&document.directives) {
            let is_known = self.directives.contains_key(&directive.name);
            let is_prelude = PRELUDE.directives.iter().any(|known| known.name == directive.name);
            if is_known && !is_prelude {
                return error(directive.at, format!("Cannot redeclare directive {}.", directive.name));
            }
            self.directives.insert(directive.name.clone(), directive.clone());
        }
        for extension in &document.directive_extensions {
            let Some(directive) = self.directives.get_mut(&extension.name) else {
                let name = &extension.name;
                let told = format!("Cannot extend directive @{name} because it is not defined.");
                return error(extension.at, told);
            };
            directive.directives.extend(extension.directives.iter().cloned());
        }
        Ok(())
    }

    /// Sets the types that operations begin with; where each is set.
    fn roots(&mut self, document: &SchemaDocument) -> Result<HashMap<String, At>, Stop> {
        let mut positions = HashMap::new();
        if let Some(second) = document.schemas.get(1) {
            let told = "Cannot have multiple schema entry points, consider schema extensions instead.";
            return error(second.at, told);
        }
        for definition in document.schemas.iter().chain(&document.schema_extensions) {
            self.set_roots(definition, &mut positions)?;
            self.check_directives(&definition.directives, "SCHEMA", None, true)?;
        }
        Ok(positions)
    }

    fn set_roots(&mut self, definition: &SchemaDefinition, positions: &mut HashMap<String, At>) -> Checked {
        for root in &definition.operations {
            if positions.insert(root.kind.clone(), root.at).is_some() {
                return error(root.at, format!("There can be only one {} type in schema.", root.kind));
            }
            if !self.types.contains_key(&root.name) {
                let told = format!(
                    "Schema root {} refers to a type {} that does not exist.",
                    root.kind, root.name
                );
                return error(root.at, told);
            }
            let place = match &*root.kind {
                "query" => &mut self.query,
                "mutation" => &mut self.mutation,
                "subscription" => &mut self.subscription,
                _ => continue,
            };
            *place = Some(root.name.clone());
        }
        Ok(())
    }

    fn infer_roots(&mut self) {
        let Self {
            types,
            query,
            mutation,
            subscription,
            ..
        } = self;
        for (place, name) in [(query, "Query"), (mutation, "Mutation"), (subscription, "Subscription")] {
            if place.is_none() && types.contains_key(name) {
                *place = Some(name.to_owned());
            }
        }
    }

    fn check_roots(&self, positions: &HashMap<String, At>) -> Checked {
        for (operation, shown, optional) in [
            ("query", "Query", ""),
            ("mutation", "Mutation", " if provided"),
            ("subscription", "Subscription", " if provided"),
        ] {
            if let Some(root) = self.root(operation).filter(|root| root.kind != Kind::Object) {
                let at = positions.get(operation).copied().unwrap_or(root.at);
                let name = &root.name;
                let told = format!("{shown} root type must be Object type{optional}, it cannot be {name}.");
                return error(at, told);
            }
        }
        Ok(())
    }

    fn add_introspection(&mut self) {
        let Some(query) = self.query.as_ref().and_then(|name| self.types.get_mut(name)) else {
            return;
        };
        query.fields.push(FieldDefinition {
            name: "__schema".to_owned(),
            kind: Type::named("__Schema", true),
            ..FieldDefinition::default()
        });
        query.fields.push(FieldDefinition {
            name: "__type".to_owned(),
            kind: Type::named("__Type", false),
            arguments: vec![FieldDefinition {
                name: "name".to_owned(),
                kind: Type::named("String", true),
                ..FieldDefinition::default()
            }],
            ..FieldDefinition::default()
        });
    }

    fn check_types(&self, context: &mut Context) -> Checked {
        for definition in self.types.values() {
            for field in &definition.fields {
                context.step()?;
                self.check_field(definition, field)?;
            }
            self.check_members(definition)?;
            for (index, interface) in definition.interfaces.iter().enumerate() {
                context.step()?;
                if definition.interfaces[..index].contains(interface) {
                    let told = format!("Type {} can only implement {interface} once.", definition.name);
                    return error(definition.at, told);
                }
                self.check_implements(definition, interface)?;
            }
            self.check_body(definition)?;
            check_unique(definition)?;
            if !definition.is_builtin {
                check_name(definition.at, &definition.name)?;
            }
            self.check_directives(&definition.directives, definition.kind.name(), None, false)?;
        }
        Ok(())
    }

    fn check_field(&self, definition: &Definition, field: &FieldDefinition) -> Checked {
        check_name(field.at, &field.name)?;
        self.check_type(&field.kind)?;
        check_input_fields(field.default.as_ref())?;
        if let Some(again) = repeated(field.arguments.iter().map(|argument| &*argument.name)) {
            let argument = &field.arguments[again];
            let told = format!(
                "Argument {}.{}({}:) can only be defined once.",
                definition.name, field.name, argument.name
            );
            return error(argument.at, told);
        }
        self.check_arguments(&field.arguments, None)?;
        let location = match definition.kind {
            Kind::InputObject => "INPUT_FIELD_DEFINITION",
            _ => "FIELD_DEFINITION",
        };
        self.check_directives(&field.directives, location, None, true)
    }

    fn check_members(&self, definition: &Definition) -> Checked {
        for member in &definition.types {
            match self.get(member) {
                None => return error(definition.at, format!("Undefined type {}.", quoted(member))),
                Some(found) if found.kind != Kind::Object => {
                    let kind = definition.kind.name();
                    let told = format!("{kind} type {} must be OBJECT.", quoted(member));
                    return error(definition.at, told);
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn check_body(&self, definition: &Definition) -> Checked {
        let (kind, name) = (definition.kind.name(), &definition.name);
        let (is_empty, what) = match definition.kind {
            Kind::Object | Kind::Interface => (definition.fields.is_empty(), "fields"),
            Kind::InputObject => (definition.fields.is_empty(), "input fields"),
            Kind::Enum => (definition.enum_values.is_empty(), "unique enum values"),
            Kind::Union => (definition.types.is_empty(), "member types"),
            Kind::Scalar | Kind::Unknown => (false, ""),
        };
        if is_empty {
            return error(definition.at, format!("{kind} {name}: must define one or more {what}."));
        }
        for field in &definition.fields {
            let Some(found) = self.get(field.kind.base()) else {
                continue;
            };
            match definition.kind {
                Kind::Object | Kind::Interface if found.kind == Kind::InputObject => {
                    let kinds = "SCALAR, OBJECT, INTERFACE, UNION, ENUM";
                    return error(field.at, format!("{kind} {name}: field must be one of {kinds}."));
                }
                Kind::InputObject if !found.kind.is_input() => {
                    let (kind, name) = (found.kind.name(), &field.name);
                    let kinds = "SCALAR, ENUM, INPUT_OBJECT";
                    return error(field.at, format!("{kind} {name}: field must be one of {kinds}."));
                }
                _ => {}
            }
        }
        for value in &definition.enum_values {
            check_name(value.at, &value.name)?;
            if matches!(&*value.name, "true" | "false" | "null") {
                return error(value.at, format!("{kind} {name}: non-enum value {}.", value.name));
            }
            self.check_directives(&value.directives, "ENUM_VALUE", None, true)?;
        }
        Ok(())
    }

    fn check_type(&self, kind: &Type) -> Checked {
        match self.get(kind.base()) {
            Some(_) => Ok(()),
            None => error(kind.at, format!("Undefined type {}.", kind.base())),
        }
    }

    fn check_directive_definition(&self, directive: &DirectiveDefinition) -> Checked {
        check_name(directive.at, &directive.name)?;
        if let Some(again) = repeated(directive.arguments.iter().map(|argument| &*argument.name)) {
            let argument = &directive.arguments[again];
            let told = format!(
                "Argument @{}({}:) can only be defined once.",
                directive.name, argument.name
            );
            return error(argument.at, told);
        }
        self.check_directives(&directive.directives, "DIRECTIVE_DEFINITION", Some(directive), true)?;
        self.check_arguments(&directive.arguments, Some(directive))
    }

    fn check_arguments(&self, arguments: &[FieldDefinition], within: Option<&DirectiveDefinition>) -> Checked {
        for argument in arguments {
            check_name(argument.at, &argument.name)?;
            self.check_type(&argument.kind)?;
            check_input_fields(argument.default.as_ref())?;
            if let Some(found) = self.get(argument.kind.base()).filter(|found| !found.kind.is_input()) {
                let told = format!(
                    "cannot use {} as argument {} because {} is not a valid input type",
                    argument.kind,
                    argument.name,
                    found.kind.name()
                );
                return error(argument.at, told);
            }
            self.check_directives(&argument.directives, "ARGUMENT_DEFINITION", within, true)?;
        }
        Ok(())
    }

    /// Checks directives at a location; `is_single` where they must be distinct there.
    fn check_directives(
        &self,
        directives: &[Directive],
        location: &str,
        within: Option<&DirectiveDefinition>,
        is_single: bool,
    ) -> Checked {
        let mut seen = HashSet::new();
        for directive in directives {
            let (at, name) = (directive.at, &directive.name);
            check_name(at, name)?;
            if within.is_some_and(|within| within.name == *name) {
                return error(at, format!("Directive {name} cannot refer to itself."));
            }
            let Some(definition) = self.directives.get(name) else {
                return error(at, format!("Undefined directive {name}."));
            };
            if is_single && !seen.insert(name) && !definition.is_repeatable {
                return error(
                    at,
                    format!("The directive {name} can only be used once at this location."),
                );
            }
            if !definition.locations.iter().any(|known| known == location) {
                return error(at, format!("Directive {name} is not applicable on {location}."));
            }
            check_directive_arguments(directive, definition)?;
        }
        Ok(())
    }

    fn check_implements(&self, definition: &Definition, name: &str) -> Checked {
        let (at, own) = (definition.at, &definition.name);
        let Some(interface) = self.get(name) else {
            return error(at, format!("Undefined type {}.", quoted(name)));
        };
        if interface.kind != Kind::Interface {
            let kind = interface.kind.name();
            return error(at, format!("{} is a non interface type {kind}.", quoted(name)));
        }
        if interface.name == *own {
            let told = format!("Type {own} cannot implement itself because it would create a circular reference.");
            return error(at, told);
        }
        for required in &interface.fields {
            self.check_implemented(definition, name, required)?;
        }
        for ancestor in &interface.interfaces {
            if definition.interfaces.contains(ancestor) {
                continue;
            }
            if ancestor == own {
                let told = format!("Type {own} cannot implement {name} because it would create a circular reference.");
                return error(at, told);
            }
            let told = format!("Type {own} must implement {ancestor} because it is implemented by {name}.");
            return error(at, told);
        }
        Ok(())
    }

    fn check_implemented(&self, definition: &Definition, interface: &str, required: &FieldDefinition) -> Checked {
        let (own, field) = (&definition.name, &required.name);
        let start = format!("For {own} to implement {interface}");
        let Some(found) = definition.field(field) else {
            return error(definition.at, format!("{start} it must have a field called {field}."));
        };
        if !self.is_covariant(&required.kind, &found.kind) {
            let told = format!("{start} the field {field} must have type {}.", required.kind);
            return error(found.at, told);
        }
        for argument in &required.arguments {
            let name = &argument.name;
            let start = format!("{start} the field {field} must have the same arguments but");
            match found.argument(name) {
                None => return error(found.at, format!("{start} it is missing {name}.")),
                Some(own) if !argument.kind.is_compatible(&own.kind) => {
                    return error(own.at, format!("{start} {name} has the wrong type."));
                }
                Some(_) => {}
            }
        }
        for argument in &found.arguments {
            let is_new = required.argument(&argument.name).is_none();
            if is_new && argument.kind.non_null && argument.default.is_none() {
                let name = &argument.name;
                let told = format!(
                    "{start} any additional arguments on {} must be optional or have a default value but {name} is \
                     required.",
                    found.name
                );
                return error(argument.at, told);
            }
        }
        Ok(())
    }

    fn is_covariant(&self, required: &Type, actual: &Type) -> bool {
        if required.non_null && !actual.non_null {
            return false;
        }
        if !required.name.is_empty() {
            return required.name == actual.name || self.possible(&required.name).contains(&actual.name);
        }
        match (&required.element, &actual.element) {
            (Some(required), Some(actual)) => self.is_covariant(required, actual),
            _ => false,
        }
    }

    /// Rejects input objects that would have to hold themselves.
    fn check_input_cycles(&self, context: &mut Context) -> Checked {
        let mut search = Search {
            schema: self,
            context,
            visited: HashSet::new(),
            path: Vec::new(),
            starts: HashMap::new(),
        };
        let inputs = self
            .types
            .values()
            .filter(|definition| definition.kind == Kind::InputObject);
        for definition in inputs {
            search.visit(definition)?;
        }
        Ok(())
    }
}

/// The search for a cycle of input objects.
struct Search<'s, 'c> {
    schema: &'s Schema,
    context: &'c mut Context,
    visited: HashSet<&'s str>,
    /// The fields that led here.
    path: Vec<&'s FieldDefinition>,
    /// The types on the path, and how many fields led to each.
    starts: HashMap<&'s str, usize>,
}

impl<'s> Search<'s, '_> {
    fn visit(&mut self, definition: &'s Definition) -> Checked {
        self.context.step()?;
        check_depth(self.path.len())?;
        if !self.visited.insert(&definition.name) {
            return Ok(());
        }
        self.starts.insert(&definition.name, self.path.len());
        for field in &definition.fields {
            if !field.kind.non_null || field.kind.name.is_empty() {
                continue;
            }
            let found = self.schema.get(&field.kind.name);
            let Some(found) = found.filter(|found| found.kind == Kind::InputObject) else {
                continue;
            };
            self.path.push(field);
            if let Some(start) = self.starts.get(&*found.name) {
                let names: Vec<&str> = self.path[*start..].iter().map(|field| &*field.name).collect();
                let told = format!(
                    "Cannot reference Input Object {} within itself through a series of non-null fields: {}.",
                    quoted(&found.name),
                    quoted(&names.join("."))
                );
                return error(self.path[*start].at, told);
            }
            self.visit(found)?;
            self.path.pop();
        }
        self.starts.remove(&*definition.name);
        Ok(())
    }
}

fn check_directive_arguments(directive: &Directive, definition: &DirectiveDefinition) -> Checked {
    let name = &directive.name;
    let mut seen = HashSet::new();
    for argument in &directive.arguments {
        let own = &argument.name;
        if definition.argument(own).is_none() {
            return error(argument.at, format!("Undefined argument {own} for directive {name}."));
        }
        if !seen.insert(own) {
            return error(argument.at, format!("There can be only one argument named {own}."));
        }
    }
    for wanted in &definition.arguments {
        let given = directive.arguments.iter().find(|argument| argument.name == wanted.name);
        let is_null = given.is_none_or(|argument| argument.value.kind == ValueKind::Null);
        if wanted.kind.non_null && wanted.default.is_none() && is_null {
            let told = format!("Argument {} for directive {name} cannot be null.", wanted.name);
            return error(directive.at, told);
        }
    }
    for argument in &directive.arguments {
        check_input_fields(Some(&argument.value))?;
    }
    Ok(())
}

/// Rejects an input object with one field twice.
fn check_input_fields(value: Option<&Value>) -> Checked {
    let Some(value) = value else {
        return Ok(());
    };
    let mut seen = HashSet::new();
    for child in &value.children {
        if value.kind == ValueKind::Object && !seen.insert(&child.name) {
            let told = format!("There can be only one input field named \"{}\".", child.name);
            return error(child.at, told);
        }
        check_input_fields(Some(&child.value))?;
    }
    Ok(())
}

/// Rejects fields, values and members that are there twice.
fn check_unique(definition: &Definition) -> Checked {
    let name = &definition.name;
    if let Some(again) = repeated(definition.fields.iter().map(|field| &*field.name)) {
        let field = &definition.fields[again];
        return error(
            field.at,
            format!("Field {name}.{} can only be defined once.", field.name),
        );
    }
    if let Some(again) = repeated(definition.enum_values.iter().map(|value| &*value.name)) {
        let value = &definition.enum_values[again];
        let told = format!("Enum value {name}.{} can only be defined once.", value.name);
        return error(value.at, told);
    }
    if let Some(again) = repeated(definition.types.iter().map(|member| &**member)) {
        let at = definition
            .type_positions
            .get(again)
            .copied()
            .flatten()
            .or(definition.at);
        let told = format!(
            "Union type {name} can only include type {} once.",
            definition.types[again]
        );
        return error(at, told);
    }
    Ok(())
}

/// Where the first of the names that are there twice is there again.
fn repeated<'n>(names: impl Iterator<Item = &'n str>) -> Option<usize> {
    let mut first = HashMap::new();
    let mut found: Option<(usize, usize)> = None;
    for (at, name) in names.enumerate() {
        match first.get(name) {
            None => {
                first.insert(name, at);
            }
            Some(start) if found.is_none_or(|(known, _)| *start < known) => found = Some((*start, at)),
            Some(_) => {}
        }
    }
    found.map(|(_, again)| again)
}

fn check_name(at: At, name: &str) -> Checked {
    if name.starts_with("__") {
        let told = format!("Name \"{name}\" must not begin with \"__\", which is reserved by GraphQL introspection.");
        return error(at, told);
    }
    Ok(())
}
