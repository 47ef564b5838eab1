//! From the text of a CEL expression to a checked one. The crate `cel` gives grammar and syntax tree; types come from
//! the schema of the probe's observation.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SourceInfo, operators};
use cel::parser::Parser;

use crate::pack::Param;
use crate::value::{FieldType, RecordType, Value};

use super::expression::{At, Comparison, Expression, Macro, Typed, Variable, type_word};

/// Deepest nesting of one expression.
const DEPTH_MAX: usize = 32;
/// Deepest nesting that the parser takes before it gives up.
const PARSER_DEPTH_MAX: u16 = 32;
/// Most open brackets at one point of the text.
const BRACKETS_MAX: usize = 16;
/// Most macros in one expression.
const MACROS_MAX: usize = 8;
/// Most macros inside one another: one macro and one nested in it.
const MACRO_DEPTH_MAX: usize = 2;
/// Longest message of the parser that is passed on, in bytes.
const MESSAGE_BYTES_MAX: usize = 200;

/// What is wrong with an expression, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Character of the text, from 0.
    pub(crate) at: usize,
    pub(crate) problem: String,
}

/// What an expression may read.
pub(crate) struct Scope<'s> {
    /// The probe's facts; none where only the host is known.
    pub(crate) facts: Option<&'s RecordType>,
    pub(crate) params: &'s [Param],
    pub(crate) host: &'s RecordType,
}

/// Parses and checks one expression.
pub(crate) fn lower(text: &str, scope: &Scope<'_>) -> Result<Typed, Fault> {
    check_brackets(text)?;
    let parsed =
        Parser::new().max_recursion_depth(PARSER_DEPTH_MAX).error_recovery_limit(1).parse_with_source_info(text);
    let (tree, positions) = parsed.map_err(|errors| {
        let first = errors.errors.first();
        let message =
            first.map_or_else(String::new, |error| crate::fact::clean_text(short(&error.msg), MESSAGE_BYTES_MAX));
        let at = first.map_or(0, |error| offset(text, error.pos));
        Fault { at, problem: format!("this is not CEL: {message}") }
    })?;
    let mut lowering = Lowering { scope, positions: &positions, items: Vec::new(), macros: 0, depth: 0 };
    let typed = lowering.expression(&tree)?;
    super::sense::check(&typed.expression)?;
    Ok(typed)
}

/// The parser's message without its list of everything that could have stood there.
fn short(message: &str) -> &str {
    message.split_once(" expecting ").map_or(message, |(before, _)| before)
}

/// The parser's line and column, both from 1, as a position in the text.
fn offset(text: &str, (line, column): (isize, isize)) -> usize {
    let lines = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(lines).map(|line| line.chars().count()).sum();
    before + usize::try_from(column).unwrap_or(0).saturating_sub(1)
}

/// Refuses deep nesting before the parser, which recurses, sees it.
fn check_brackets(text: &str) -> Result<(), Fault> {
    let mut open = 0_usize;
    let mut quote = None;
    let mut escaped = false;
    for (at, character) in text.chars().enumerate() {
        match (quote, character) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(own), _) if own == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[' | '{' | '?') => open += 1,
            (None, ')' | ']' | '}') => open = open.saturating_sub(1),
            (None, _) => {}
        }
        if open > BRACKETS_MAX {
            let problem = format!("more than {BRACKETS_MAX} brackets and `?` are open here; split the clause");
            return Err(Fault { at, problem });
        }
    }
    Ok(())
}

pub(super) struct Lowering<'l> {
    pub(super) scope: &'l Scope<'l>,
    positions: &'l SourceInfo,
    /// Names of the items of the macros around, outermost first.
    items: Vec<(String, FieldType)>,
    macros: usize,
    depth: usize,
}

impl Lowering<'_> {
    pub(super) fn fault(&self, node: &IdedExpr, problem: impl Into<String>) -> Fault {
        Fault { at: self.at(node), problem: problem.into() }
    }

    fn at(&self, node: &IdedExpr) -> usize {
        self.positions.offset_for(node.id).map_or(0, |(start, _)| start as usize)
    }

    pub(super) fn expression(&mut self, node: &IdedExpr) -> Result<Typed, Fault> {
        if self.depth >= DEPTH_MAX {
            return Err(self.fault(node, format!("nested more than {DEPTH_MAX} deep; split the clause")));
        }
        self.depth += 1;
        let lowered = self.any(node);
        self.depth -= 1;
        lowered
    }

    /// An expression of one type.
    pub(super) fn of(&mut self, node: &IdedExpr, wanted: &FieldType) -> Result<Box<Expression>, Fault> {
        let typed = self.expression(node)?;
        if typed.kind != *wanted {
            let problem = format!("{} is needed here, this is {}", type_word(wanted), type_word(&typed.kind));
            return Err(self.fault(node, problem));
        }
        Ok(Box::new(typed.expression))
    }

    fn any(&mut self, node: &IdedExpr) -> Result<Typed, Fault> {
        match &node.expr {
            Expr::Literal(literal) => self.literal(node, literal),
            Expr::Ident(name) => self.name(node, name),
            Expr::Select(select) if select.test => Err(self.fault(
                node,
                "`has()` is not part of the language: every field is there; what was not visible decides by itself",
            )),
            Expr::Select(select) => self.select(node, &select.operand, &select.field),
            Expr::Call(call) => self.call(node, call),
            Expr::Comprehension(comprehension) => self.comprehension(node, comprehension),
            Expr::List(list) => self.list(node, &list.elements),
            Expr::Map(_) | Expr::Struct(_) => Err(self.fault(node, "maps and messages are not part of the language")),
            Expr::Unspecified => Err(self.fault(node, "the expression is incomplete")),
        }
    }

    fn literal(&self, node: &IdedExpr, literal: &LiteralValue) -> Result<Typed, Fault> {
        let (value, kind) = match literal {
            LiteralValue::Boolean(value) => (Value::Bool(*value.inner()), FieldType::Bool),
            LiteralValue::Int(value) => (Value::Int(*value.inner()), FieldType::Int),
            LiteralValue::String(value) => (Value::Text(value.inner().to_owned()), FieldType::Text),
            LiteralValue::Null => {
                let problem = "`null` is not part of the language: what was not visible decides by itself";
                return Err(self.fault(node, problem));
            }
            LiteralValue::Double(_) => return Err(self.fault(node, "fractions are not part of the language")),
            LiteralValue::UInt(_) => return Err(self.fault(node, "write the number without `u`")),
            LiteralValue::Bytes(_) => return Err(self.fault(node, "bytes are not part of the language")),
        };
        Ok(Typed { expression: Expression::Literal(value), kind })
    }

    fn name(&self, node: &IdedExpr, name: &str) -> Result<Typed, Fault> {
        if let Some((depth, (_, kind))) = self.items.iter().enumerate().rev().find(|(_, (own, _))| own == name) {
            return Ok(Typed { expression: Expression::Variable(Variable::Item(depth)), kind: kind.clone() });
        }
        let Some(facts) = self.scope.facts else {
            return Err(self.fault(node, format!("only `host.NAME` can be read here, not `{name}`")));
        };
        if name == "now" {
            return Ok(Typed { expression: Expression::Variable(Variable::Now), kind: FieldType::Time });
        }
        if matches!(name, "params" | "host") {
            return Err(self.fault(node, format!("`{name}` is not a value; write `{name}.NAME`")));
        }
        let Some(field) = facts.field(name) else {
            let known: Vec<_> = facts.fields.iter().map(|field| field.name).collect();
            return Err(self.fault(node, format!("the probe has no fact `{name}`; it has: {}", known.join(", "))));
        };
        let expression = Expression::Variable(Variable::Fact(name.to_owned()));
        Ok(Typed { expression, kind: field.kind.clone() })
    }

    fn select(&mut self, node: &IdedExpr, operand: &IdedExpr, field: &str) -> Result<Typed, Fault> {
        if let Expr::Ident(name) = &operand.expr
            && !self.items.iter().any(|(own, _)| own == name)
        {
            if name == "params" {
                let Some(param) = self.scope.params.iter().find(|param| param.name == field) else {
                    return Err(self.fault(node, format!("the check declares no param `{field}`")));
                };
                let expression = Expression::Variable(Variable::Param(field.to_owned()));
                return Ok(Typed { expression, kind: param.range.kind() });
            }
            if name == "host" {
                let Some(fact) = self.scope.host.field(field) else {
                    let known: Vec<_> = self.scope.host.fields.iter().map(|fact| fact.name).collect();
                    let problem = format!("the host has no fact `{field}`; it has: {}", known.join(", "));
                    return Err(self.fault(node, problem));
                };
                let expression = Expression::Variable(Variable::Host(field.to_owned()));
                return Ok(Typed { expression, kind: fact.kind.clone() });
            }
        }
        let inner = self.expression(operand)?;
        let FieldType::Record(record) = &inner.kind else {
            let problem = format!("{} has no fields, so no `{field}`", type_word(&inner.kind));
            return Err(self.fault(node, problem));
        };
        let Some(found) = record.field(field) else {
            let known: Vec<_> = record.fields.iter().map(|field| field.name).collect();
            return Err(self.fault(node, format!("there is no field `{field}`; there are: {}", known.join(", "))));
        };
        let expression = Expression::Field(Box::new(inner.expression), field.to_owned());
        Ok(Typed { expression, kind: found.kind.clone() })
    }

    fn list(&mut self, node: &IdedExpr, elements: &[IdedExpr]) -> Result<Typed, Fault> {
        let mut values = Vec::new();
        let mut kind = None;
        for element in elements {
            let typed = self.expression(element)?;
            let Expression::Literal(value) = typed.expression else {
                return Err(self.fault(element, "a list that is written out holds literals only"));
            };
            if *kind.get_or_insert(typed.kind.clone()) != typed.kind {
                return Err(self.fault(element, "the items of a list have one type"));
            }
            values.push(value);
        }
        let Some(kind) = kind else { return Err(self.fault(node, "an empty list decides nothing")) };
        let list = Expression::Literal(Value::List(crate::value::List::new(values)));
        Ok(Typed { expression: list, kind: FieldType::List(Box::new(kind)) })
    }

    fn comprehension(&mut self, node: &IdedExpr, found: &ComprehensionExpr) -> Result<Typed, Fault> {
        let Some((kind, body)) = recognise(found) else {
            return Err(
                self.fault(node, "of the macros only `exists`, `all`, `filter` and `map` are part of the language")
            );
        };
        self.macros += 1;
        if self.macros > MACROS_MAX || self.items.len() >= MACRO_DEPTH_MAX {
            let problem = "more than one nested macro: a macro may hold one other, no more";
            return Err(self.fault(node, problem));
        }
        let list = self.expression(&found.iter_range)?;
        let FieldType::List(item) = &list.kind else {
            let problem = format!("a macro needs a list, this is {}", type_word(&list.kind));
            return Err(self.fault(&found.iter_range, problem));
        };
        let name = &found.iter_var;
        let is_taken = matches!(name.as_str(), "now" | "params" | "host")
            || self.items.iter().any(|(own, _)| own == name)
            || self.scope.facts.is_some_and(|facts| facts.field(name).is_some());
        if is_taken {
            return Err(self.fault(node, format!("`{name}` already means something else here; use another letter")));
        }
        self.items.push((name.clone(), (**item).clone()));
        let lowered = self.expression(body);
        self.items.pop();
        let lowered = lowered?;
        let result = match kind {
            Macro::Map => FieldType::List(Box::new(lowered.kind.clone())),
            Macro::Filter => list.kind.clone(),
            Macro::Exists | Macro::All => FieldType::Bool,
        };
        if kind != Macro::Map && lowered.kind != FieldType::Bool {
            let problem = format!("the condition must be a bool, this is {}", type_word(&lowered.kind));
            return Err(self.fault(body, problem));
        }
        let expression = Expression::Macro {
            kind,
            list: Box::new(list.expression),
            body: Box::new(lowered.expression),
            at: At(self.at(node)),
        };
        Ok(Typed { expression, kind: result })
    }

    /// Two values of one scalar type, compared.
    pub(super) fn compare(&mut self, node: &IdedExpr, call: &CallExpr, how: Comparison) -> Result<Typed, Fault> {
        let [left, right] = call.args.as_slice() else {
            return Err(self.fault(node, "a comparison has two sides"));
        };
        let (left, right) = (self.expression(left)?, self.expression(right)?);
        if left.kind != right.kind {
            let problem = format!("{} is compared with {}", type_word(&left.kind), type_word(&right.kind));
            return Err(self.fault(node, problem));
        }
        let is_order = !matches!(how, Comparison::Equal | Comparison::NotEqual);
        match &left.kind {
            FieldType::Int | FieldType::Time => {}
            FieldType::Bool if is_order => return Err(self.fault(node, "yes and no have no order")),
            FieldType::Text if is_order => {
                return Err(self.fault(node, "texts have no order here; for versions use `version_less('dpkg', a, b)`"));
            }
            FieldType::Bool | FieldType::Text => {}
            FieldType::List(_) | FieldType::Record(_) => {
                return Err(self.fault(node, "lists and records cannot be compared; compare their parts"));
            }
        }
        let expression = Expression::Compare(how, Box::new(left.expression), Box::new(right.expression));
        Ok(Typed { expression, kind: FieldType::Bool })
    }
}

/// Which macro an expanded loop was written as, and its body: the parser has only kept the expansion.
fn recognise(found: &ComprehensionExpr) -> Option<(Macro, &IdedExpr)> {
    let Expr::Call(step) = &found.loop_step.expr else { return None };
    let is_list = matches!(found.accu_init.expr, Expr::List(_));
    match (step.func_name.as_str(), step.args.as_slice(), is_list) {
        (operators::LOGICAL_OR, [_, body], false) => Some((Macro::Exists, body)),
        (operators::LOGICAL_AND, [_, body], false) => Some((Macro::All, body)),
        (operators::ADD, [_, made], true) => Some((Macro::Map, only_item(made)?)),
        (operators::CONDITIONAL, [condition, kept, _], true) => {
            let Expr::Call(kept) = &kept.expr else { return None };
            // `map(x, condition, value)` has this shape too; only `filter` keeps the item itself.
            let is_item = matches!(&only_item(kept.args.get(1)?)?.expr, Expr::Ident(name) if *name == found.iter_var);
            is_item.then_some((Macro::Filter, condition))
        }
        _ => None,
    }
}

/// The one item of a list that the expansion of `map` or `filter` adds.
fn only_item(made: &IdedExpr) -> Option<&IdedExpr> {
    let Expr::List(one) = &made.expr else { return None };
    one.elements.first()
}
