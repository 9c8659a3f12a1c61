//! Policies with documents: those of the repository changed word by word, and well-formed ones that nobody wrote.

use std::collections::BTreeMap;
use std::path::Path;

use kpolicy_parse::Format;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::document;
use super::seeds::files;
use crate::generator::choices::Choices;
use crate::generator::{self, words};

/// The keys of `data` that are replaced between two documents: those that the repository's policies look at, and the one
/// that the generator's do.
const KEYS: [&str; 4] = ["base", "params", "inventory", "kpolicy"];
/// How many documents a policy judges at most.
const DOCUMENTS: usize = 4;
/// How many words of a policy are changed at most: most policies of more changes are refused.
const CHANGES: usize = 2;

/// A policy, the documents that it judges in turn, and what is put into `data` on the way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Case {
    /// The modules; the rules of the first are asked for first.
    pub(crate) modules: Vec<String>,
    /// Whether they are written in Rego v0.
    #[serde(default)]
    pub(crate) v0: bool,
    /// The base document.
    pub(crate) data: Map<String, Json>,
    /// A key of the base document, and what is put there for a while.
    pub(crate) replaced: (String, Json),
    /// The documents.
    pub(crate) inputs: Vec<Json>,
}

/// What cases grow from.
pub(crate) struct Seeds {
    /// Policies, each with its own documents by their place among all.
    policies: Vec<(String, Vec<usize>)>,
    documents: Vec<Json>,
    /// What the library's policies import.
    helpers: Vec<String>,
}

impl Seeds {
    /// The policies and documents of the repository.
    pub(crate) fn of_repository() -> Self {
        let mut documents = Vec::new();
        let mut by_folder = BTreeMap::<String, Vec<usize>>::new();
        for (path, text) in files("examples", &[".yaml", ".json", ".tf", "Dockerfile"]) {
            let places = by_folder.entry(folder(&path)).or_default();
            let format = Format::of_path(Path::new(&path)).expect("the ending is that of a format");
            for node in format.parse(&text).unwrap_or_default() {
                places.push(documents.len());
                documents.push(node.value.to_json());
            }
        }
        let own = |path: &str| {
            let library = path.strip_prefix("policy/").and_then(|path| path.strip_suffix(".rego"));
            let folder = match library {
                Some(id) => format!("examples/policies/{id}"),
                None => folder(path).trim_end_matches("/policy").to_owned(),
            };
            by_folder.get(&folder).cloned().unwrap_or_default()
        };
        let is_helper = |path: &str| path.starts_with("policy/lib/");
        let rego: Vec<(String, String)> = ["policy", "examples", "benches"]
            .into_iter()
            .flat_map(|folder| files(folder, &[".rego"]))
            .filter(|(path, _)| !path.ends_with("_test.rego"))
            .collect();
        let policies = rego.iter().filter(|(path, _)| !is_helper(path));
        Self {
            policies: policies.map(|(path, text)| (text.clone(), own(path))).collect(),
            documents,
            helpers: rego
                .iter()
                .filter(|(path, _)| is_helper(path))
                .map(|(_, text)| text.clone())
                .collect(),
        }
    }

    /// A case made by these choices.
    pub(crate) fn case(&self, choices: &mut Choices) -> Case {
        match choices.once_in(2) {
            false => self.well_formed(choices),
            true => self.of_repository_changed(choices),
        }
    }

    /// A policy of the generator's, now and then changed.
    fn well_formed(&self, choices: &mut Choices) -> Case {
        let mut request = generator::policy(choices);
        if choices.once_in(4) {
            let at = choices.among(request.modules.len());
            let other = choices.pick(&request.modules).clone();
            request.modules[at] = words::changed(&request.modules[at], &other, CHANGES, choices);
        }
        let inputs = self.inputs(choices, |_, _| request.input.clone());
        let data = request.data.as_object().cloned().unwrap_or_default();
        self.finished(request.modules, request.v0, data, inputs, choices)
    }

    /// A policy of the repository, mostly changed, over documents that are mostly its own.
    fn of_repository_changed(&self, choices: &mut Choices) -> Case {
        let (text, own) = choices.pick(&self.policies);
        let other = &choices.pick(&self.policies).0;
        let text = match choices.once_in(3) {
            false => words::changed(text, other, CHANGES, choices),
            true => text.clone(),
        };
        let helped = text.contains("kpolicy.lib");
        let mut modules = vec![text];
        modules.extend(self.helpers.iter().filter(|_| helped).cloned());
        let inputs = self.inputs(choices, |seeds, choices| match own.is_empty() || choices.once_in(4) {
            false => seeds.documents[*choices.pick(own)].clone(),
            true => choices.pick(&seeds.documents).clone(),
        });
        self.finished(modules, false, Map::new(), inputs, choices)
    }

    fn inputs(&self, choices: &mut Choices, one: impl Fn(&Self, &mut Choices) -> Json) -> Vec<Json> {
        (0..2 + choices.among(DOCUMENTS - 1))
            .map(|_| {
                let input = one(self, choices);
                document::changed(input, &self.documents, choices)
            })
            .collect()
    }

    fn finished(
        &self,
        modules: Vec<String>,
        v0: bool,
        mut data: Map<String, Json>,
        inputs: Vec<Json>,
        choices: &mut Choices,
    ) -> Case {
        let key = choices.word(&KEYS).to_owned();
        data.entry(key.clone()).or_insert_with(|| json!({}));
        let value = choices.pick(&inputs).clone();
        Case {
            modules,
            v0,
            data,
            replaced: (key, document::changed(value, &self.documents, choices)),
            inputs,
        }
    }
}

/// The path of the folder that a file of the repository stands in.
fn folder(path: &str) -> String {
    path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}
