//! From the core form to the plan: rules are gathered, variables become slots, statements instructions.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet};

mod block;
pub(crate) mod code;
mod copies;
mod demand;
pub(super) mod dependence;
pub(super) mod encoding;
mod flow;
mod guards;
mod index;
mod initial;
mod memoize;
pub(crate) mod needs;
mod prefix;
pub(crate) mod print;
mod reference;
mod rules;
mod unify;

use super::core::{self, Kind, Program, Term, TermKind};
use super::error::{CompileError, CompileErrorCode as Code};
use block::Builder;
use code::{Block, Clause, Collect, Node, Op, Operand, Plan, Rule, RuleId, RuleKind};
use demand::{Demand, Parts};
use initial::Head;
use kpolicy_value::Value;

/// The plan of a program whose statements are in a safe order and flat; or what cannot be planned.
pub(crate) fn plan(program: &Program) -> Result<Plan, Vec<CompileError>> {
    let mut planner = Planner::new(program);
    planner.clauses(program);
    planner.parts(program);
    planner.package_documents();
    dependence::note(&mut planner.plan);
    memoize::note(&mut planner.plan);
    for rule in planner.plan.rules.iter_mut() {
        guards::note(&mut rule.clauses);
        rule.index = index::of(&rule.clauses);
    }
    prefix::note(&mut planner.plan);
    if planner.errors.is_empty() {
        Ok(planner.plan)
    } else {
        Err(planner.errors)
    }
}

struct Planner {
    plan: Plan,
    /// The node of each path.
    by_path: HashMap<Vec<Arc<str>>, usize>,
    /// For each clause the node that its rule is at. A clause below an object rule is part of that rule.
    homes: Vec<usize>,
    parts: Parts,
    errors: Vec<CompileError>,
}

impl Planner {
    /// The tree of rules, each rule still without clauses.
    fn new(program: &Program) -> Self {
        let mut planner = Self {
            plan: Plan {
                directories: program.directories.clone(),
                ..Plan::default()
            },
            by_path: HashMap::new(),
            homes: Vec::new(),
            parts: Parts::default(),
            errors: Vec::new(),
        };
        planner.node(&[]);
        for package in &program.packages {
            planner.node(package);
        }
        let dynamic: HashSet<&[Arc<str>]> = program
            .clauses
            .iter()
            .filter(|clause| !clause.keys.is_empty())
            .map(|clause| clause.path.as_slice())
            .collect();
        for clause in &program.clauses {
            let (path, below) = home(clause, &dynamic);
            let node = planner.node(path);
            planner.homes.push(node);
            let kind = match &clause.kind {
                Kind::Function(parameters) => RuleKind::Function(length(parameters)),
                _ if !below.is_empty() || !clause.keys.is_empty() => RuleKind::Object,
                Kind::Set => RuleKind::Set,
                Kind::Complete => RuleKind::Complete,
            };
            let deep = below.len() + clause.keys.len() + usize::from(matches!(clause.kind, Kind::Set));
            planner.rule(node, kind, u32::try_from(deep).unwrap_or(u32::MAX));
        }
        planner.plan.own = planner.plan.rules.len();
        planner.parts.first = planner.plan.rules.next_id();
        planner
    }

    /// The node of a path, made with all above it where it is new.
    fn node(&mut self, path: &[Arc<str>]) -> usize {
        if let Some(node) = self.by_path.get(path) {
            return *node;
        }
        let node = match path.split_last() {
            None => {
                self.plan.nodes.push(Node::default());
                0
            }
            Some((name, above)) => {
                let parent = self.node(above);
                let node = self.plan.nodes.len();
                self.plan.nodes.push(Node {
                    path: path.to_vec(),
                    ..Node::default()
                });
                let children = &mut self.plan.nodes[parent].children;
                let place = children.partition_point(|(other, _)| other < name);
                children.insert(place, (name.clone(), node));
                node
            }
        };
        self.by_path.insert(path.to_vec(), node);
        node
    }

    /// The rule at a node; of several kinds an object's is the strongest.
    fn rule(&mut self, node: usize, kind: RuleKind, depth: u32) {
        match self.plan.nodes[node].rule {
            Some(rule) => {
                let rule = &mut self.plan.rules[rule as usize];
                rule.depth = rule.depth.max(depth);
                if kind == RuleKind::Object {
                    rule.kind = kind;
                }
            }
            None => {
                let path = self.plan.nodes[node].path.as_slice().into();
                let rule = Rule {
                    depth,
                    ..Rule::new(path, kind)
                };
                self.plan.nodes[node].rule = Some(self.add(rule));
            }
        }
    }

    fn add(&mut self, rule: Rule) -> RuleId {
        let id = self.plan.rules.next_id();
        self.plan.rules.push(rule);
        id
    }

    /// The clauses of all rules.
    fn clauses(&mut self, program: &Program) {
        let mut constants: HashMap<RuleId, Option<Value>> = HashMap::new();
        let mut heads: HashMap<RuleId, Vec<Head>> = HashMap::new();
        for (at, clause) in program.clauses.iter().enumerate() {
            let node = self.homes[at];
            let depth = self.plan.nodes[node].path.len();
            let id = self.plan.nodes[node].rule.expect("every clause's node has its rule");
            let kind = self.plan.rules[id as usize].kind;
            let planned = self.clause(clause, kind, &clause.path[depth..], &[]);
            if kind == RuleKind::Object {
                heads.entry(id).or_default().push(Head::of(clause, depth));
            }
            let constant = clause_constant(clause);
            constants
                .entry(id)
                .and_modify(|known| {
                    if *known != constant {
                        *known = None;
                    }
                })
                .or_insert(constant);
            let rule = &mut self.plan.rules[id as usize];
            if clause.default {
                rule.default = Some(planned);
            } else {
                rule.clauses.push(planned);
            }
        }
        for (id, constant) in constants {
            let rule = &mut self.plan.rules[id as usize];
            rule.constant = constant.is_some();
        }
        for (id, heads) in heads {
            self.plan.rules[id as usize].initial = initial::of(&heads);
        }
    }

    /// The rules that references and replacements ask for, which may ask for others.
    fn parts(&mut self, program: &Program) {
        let mut at = 0;
        while let Some(demands) = self.parts.demands.get(at).cloned() {
            let rule = match demands {
                Demand::Part(whole, known) => self.part(program, whole, &known),
                Demand::Document(clause) => {
                    let planned = self.clause(&clause, RuleKind::Complete, &[], &[]);
                    Rule {
                        clauses: vec![planned],
                        ..Rule::new(clause.path.as_slice().into(), RuleKind::Complete)
                    }
                }
            };
            self.add(rule);
            at += 1;
        }
    }

    /// The part of a rule under the keys that are known.
    fn part(&mut self, program: &Program, whole: RuleId, known: &[bool]) -> Rule {
        let rule = &self.plan.rules[whole as usize];
        let (path, kind, initial) = (rule.path.clone(), rule.kind, rule.initial.clone());
        let of_rule = |home: usize| self.plan.nodes[home].rule == Some(whole);
        let clauses: Vec<&core::Clause> = program
            .clauses
            .iter()
            .zip(&self.homes)
            .filter_map(|(clause, home)| of_rule(*home).then_some(clause))
            .collect();
        let clauses = clauses
            .into_iter()
            .map(|clause| self.clause(clause, kind, &clause.path[path.len()..], known))
            .collect();
        Rule {
            clauses,
            initial,
            depth: if known.iter().all(|known| *known) {
                length(known)
            } else {
                0
            },
            ..Rule::new(path, kind)
        }
    }

    /// A clause, below its rule's path; as a function of the keys that are `known`.
    fn clause(&mut self, clause: &core::Clause, kind: RuleKind, below: &[Arc<str>], known: &[bool]) -> Clause {
        let mut non_canonical = false;
        let branches: Vec<Block> = clause
            .branches
            .iter()
            .map(|branch| {
                let keys = known.iter().filter(|known| **known).count();
                let mut builder = Builder::new(&self.plan, &self.by_path, &mut self.parts, clause, keys);
                builder.parameters();
                let late = builder.known_keys(clause, branch, below, known);
                builder.statements(&branch.body);
                let span = clause.head;
                for (key, term) in late {
                    builder.matches(key, term);
                }
                let value = builder.value(&branch.value);
                match kind {
                    RuleKind::Object => {
                        let names = below.iter().map(|name| Operand::Const(Value::string(name.clone())));
                        let mut path: Vec<Operand> = names.collect();
                        path.extend(clause.keys.iter().map(|key| builder.value(key)));
                        let member = matches!(clause.kind, Kind::Set);
                        builder.emit(
                            Op::Leaf {
                                path: path.into(),
                                member,
                                value,
                            },
                            span,
                        );
                    }
                    _ => builder.emit(Op::Return(value), span),
                }
                self.errors.append(&mut builder.errors);
                non_canonical |= builder.non_canonical;
                copies::propagate_copies(&mut builder.block, clause.locals.len());
                builder.block
            })
            .collect();
        self.plan.non_canonical |= non_canonical;
        Clause {
            guards: Vec::new(),
            skip: 0,
            branches,
            module: clause.module,
            head: clause.head,
            locals: clause.locals.clone(),
        }
    }

    /// For every node without a rule, one that gives the whole document below it.
    fn package_documents(&mut self) {
        for node in 0..self.plan.nodes.len() {
            if self.plan.nodes[node].rule.is_none() {
                let path: Arc<[Arc<str>]> = self.plan.nodes[node].path.as_slice().into();
                let whole = self.add(Rule::new(path, RuleKind::Complete));
                self.plan.nodes[node].whole = Some(whole);
            }
        }
        for node in 0..self.plan.nodes.len() {
            if let Some(whole) = self.plan.nodes[node].whole {
                let block = self.whole(node);
                self.plan.rules[whole as usize].clauses.push(Clause {
                    branches: vec![block],
                    guards: Vec::new(),
                    skip: 0,
                    module: 0,
                    head: kpolicy_value::Span::default(),
                    locals: Vec::new(),
                });
            }
        }
    }

    /// Collects what stands below a node, over the base document of its path.
    fn whole(&self, node: usize) -> Block {
        let node = &self.plan.nodes[node];
        let mut block = Block {
            slots: 3,
            ..Block::default()
        };
        let below: Vec<(&Arc<str>, RuleId)> = node
            .children
            .iter()
            .filter_map(|(name, child)| {
                let child = &self.plan.nodes[*child];
                let rule = child.rule.or(child.whole)?;
                let function = matches!(self.plan.rules[rule as usize].kind, RuleKind::Function(_));
                (!function).then_some((name, rule))
            })
            .collect();
        let alternatives: Vec<u32> = (0..length(&below)).map(|at| 2 + 2 * at).collect();
        let end = 2 + 2 * length(&below);
        block.push(Op::Collect {
            collect: Collect::Object,
            to: 0,
            end,
            keep: None,
        });
        block.push(if below.is_empty() {
            Op::Fail
        } else {
            Op::Fork(alternatives.into())
        });
        for (name, rule) in below {
            block.push(Op::Rule {
                rule,
                part: None,
                to: 1,
            });
            block.push(Op::Yield {
                key: Some(Operand::Const(Value::string(name.clone()))),
                value: Operand::Slot(1),
            });
        }
        block.push(Op::MergeBase {
            path: node.path.as_slice().into(),
            of: 0,
            to: 2,
        });
        block.push(Op::Return(Operand::Slot(2)));
        block
    }
}

impl Block {
    fn push(&mut self, op: Op) {
        self.code.push(op);
        self.spans.push(kpolicy_value::Span::default());
    }
}

/// The path that a clause's rule is at: that of the first object rule above it, else its own; and what is below.
fn home<'a>(clause: &'a core::Clause, dynamic: &HashSet<&[Arc<str>]>) -> (&'a [Arc<str>], &'a [Arc<str>]) {
    let is_function = matches!(clause.kind, Kind::Function(_));
    let above = (0..=clause.path.len()).find(|end| !is_function && dynamic.contains(&clause.path[..*end]));
    clause.path.split_at(above.unwrap_or(clause.path.len()))
}

/// The constant that every branch of a clause gives; nothing where they differ or are no constants.
fn clause_constant(clause: &core::Clause) -> Option<Value> {
    let constant = |term: &Term| match &term.kind {
        TermKind::Const(value) => Some(value.clone()),
        _ => None,
    };
    let mut values = clause.branches.iter().map(|branch| constant(&branch.value));
    let first = values.next()??;
    (!clause.default && values.all(|value| value.as_ref() == Some(&first))).then_some(first)
}

fn length<T>(items: &[T]) -> u32 {
    u32::try_from(items.len()).expect("a program has fewer than 4 G parts")
}

/// An error of a construct that has no plan.
fn unplannable(module: usize, span: kpolicy_value::Span, what: &str) -> CompileError {
    CompileError::new(Code::Compile, module, span, format!("kpolicy cannot evaluate {what}"))
}
