//! An entity-relationship picture of keys as plain SVG: parents left, children right, an edge a key.
//!
//! Layers are the longest path to a table without a parent; within a layer, tables are ordered by the mean position
//! of their neighbours (the barycentre step of Sugiyama, Tagawa and Toda 1981). Cycles are cut where they close.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::document::KeyReport;

/// A picture with more tables than this helps nobody.
const TABLES_MAX: usize = 60;
const BOX_WIDTH: usize = 176;
const LAYER_GAP: usize = 64;
/// A picture up to this width, in pixels, is scaled to the page; a wider one scrolls, since its text would vanish.
const SCALED_MAX: usize = 1_750;
const LINE: usize = 17;

struct Node {
    name: String,
    columns: Vec<String>,
    layer: usize,
    x: usize,
    y: usize,
}

impl Node {
    fn height(&self) -> usize {
        30 + LINE * self.columns.len()
    }

    /// The middle of a column's line.
    fn port(&self, columns: &[String]) -> usize {
        let at = columns.first().and_then(|c| self.columns.iter().position(|own| own == c)).unwrap_or(0);
        self.y + 26 + LINE * at + LINE / 2
    }
}

/// One picture for each group of tables that keys connect, largest first.
pub(crate) fn diagrams(keys: &[KeyReport]) -> Vec<String> {
    let mut groups = groups(keys);
    groups.sort_by_key(|g| std::cmp::Reverse(g.len()));
    groups.iter().map(|group| draw(group, keys)).collect()
}

fn groups(keys: &[KeyReport]) -> Vec<BTreeSet<&str>> {
    let mut groups: Vec<BTreeSet<&str>> = Vec::new();
    for key in keys {
        let ends = [key.child_table.as_str(), key.parent_table.as_str()];
        let (touched, mut rest): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|g| ends.iter().any(|end| g.contains(end)));
        let mut merged: BTreeSet<&str> = touched.into_iter().flatten().collect();
        merged.extend(ends);
        rest.push(merged);
        groups = rest;
    }
    groups
}

fn draw(group: &BTreeSet<&str>, keys: &[KeyReport]) -> String {
    let keys: Vec<&KeyReport> = keys.iter().filter(|k| group.contains(k.child_table.as_str())).collect();
    if group.len() > TABLES_MAX {
        return format!(
            "<p>{} connected tables are too many for a picture; the table below has every key.</p>",
            group.len()
        );
    }
    let mut nodes = nodes(group, &keys);
    let (width, height) = place(&mut nodes, &keys);
    let class = if width <= SCALED_MAX { "scaled" } else { "wide" };
    let mut svg = format!(
        "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
         aria-label=\"Entity-relationship diagram of {} tables\">",
        group.len()
    );
    for key in &keys {
        edge(&mut svg, &nodes, key);
    }
    for node in nodes.values() {
        table_box(&mut svg, node);
    }
    svg.push_str("</svg>");
    svg
}

fn nodes<'a>(group: &BTreeSet<&'a str>, keys: &[&'a KeyReport]) -> BTreeMap<&'a str, Node> {
    let parents = |table: &str| {
        keys.iter().filter(|k| k.child_table == table).map(|k| k.parent_table.as_str()).collect::<BTreeSet<_>>()
    };
    let mut layers: BTreeMap<&str, usize> = BTreeMap::new();
    fn layer<'a>(
        table: &'a str,
        parents: &dyn Fn(&str) -> BTreeSet<&'a str>,
        done: &mut BTreeMap<&'a str, usize>,
        open: &mut Vec<&'a str>,
    ) -> usize {
        if let Some(known) = done.get(table) {
            return *known;
        }
        open.push(table);
        let mut deepest = 0;
        for parent in parents(table) {
            if !open.contains(&parent) {
                deepest = deepest.max(1 + layer(parent, parents, done, open));
            }
        }
        open.pop();
        done.insert(table, deepest);
        deepest
    }
    for table in group {
        layer(table, &parents, &mut layers, &mut Vec::new());
    }
    draw_near(&mut layers, keys);
    group
        .iter()
        .map(|table| {
            let mut columns: Vec<String> = Vec::new();
            for key in keys {
                let own = [(&key.child_table, &key.child_columns), (&key.parent_table, &key.parent_columns)];
                for column in own.into_iter().filter(|(t, _)| t.as_str() == *table).flat_map(|(_, c)| c) {
                    if !columns.contains(column) {
                        columns.push(column.clone());
                    }
                }
            }
            let name = table.rsplit('.').next().unwrap_or(table).to_owned();
            (*table, Node { name, columns, layer: layers.get(table).copied().unwrap_or(0), x: 0, y: 0 })
        })
        .collect()
}

/// Moves every table as far right as its children allow, so that edges are short.
fn draw_near(layers: &mut BTreeMap<&str, usize>, keys: &[&KeyReport]) {
    let mut order: Vec<(usize, &str)> = layers.iter().map(|(table, layer)| (*layer, *table)).collect();
    order.sort_by(|a, b| b.cmp(a));
    for (own, table) in order {
        let children = keys.iter().filter(|k| k.parent_table == table && k.child_table != table);
        let nearest = children.filter_map(|k| layers.get(k.child_table.as_str())).filter(|l| **l > own).min();
        if let Some(nearest) = nearest.copied() {
            layers.insert(table, nearest - 1);
        }
    }
}

/// Gives every node its place; returns width and height of the picture.
fn place(nodes: &mut BTreeMap<&str, Node>, keys: &[&KeyReport]) -> (usize, usize) {
    let deepest = nodes.values().map(|n| n.layer).max().unwrap_or(0);
    let mut height = 0;
    for sweep in 0..4 {
        for layer in 0..=deepest {
            let mut members: Vec<(usize, String)> = nodes
                .iter()
                .filter(|(_, n)| n.layer == layer)
                .map(|(table, _)| (if sweep == 0 { 0 } else { barycentre(table, nodes, keys) }, (*table).to_owned()))
                .collect();
            members.sort();
            let mut y = 12;
            for (_, table) in members {
                if let Some(node) = nodes.get_mut(table.as_str()) {
                    node.x = 12 + layer * (BOX_WIDTH + LAYER_GAP);
                    node.y = y;
                    y += node.height() + 18;
                }
            }
            height = height.max(y);
        }
    }
    (24 + BOX_WIDTH + deepest * (BOX_WIDTH + LAYER_GAP) + 40, height)
}

fn barycentre(table: &str, nodes: &BTreeMap<&str, Node>, keys: &[&KeyReport]) -> usize {
    let others = keys.iter().filter_map(|k| match (k.child_table == table, k.parent_table == table) {
        (true, false) => nodes.get(k.parent_table.as_str()),
        (false, true) => nodes.get(k.child_table.as_str()),
        _ => None,
    });
    let places: Vec<usize> = others.map(|n| n.y + n.height() / 2).collect();
    places.iter().sum::<usize>() / places.len().max(1)
}

/// The free height nearest to `wanted` at which a line passes all boxes of the layers between two; `None` when there is
/// no layer between them.
fn way_through(nodes: &BTreeMap<&str, Node>, left: usize, right: usize, wanted: usize) -> Option<usize> {
    let between: Vec<&Node> = nodes.values().filter(|n| n.layer > left && n.layer < right).collect();
    let free = |y: usize| between.iter().all(|n| y < n.y || y > n.y + n.height());
    let heights = between.iter().flat_map(|n| [n.y.saturating_sub(8), n.y + n.height() + 8]);
    heights.filter(|y| free(*y)).min_by_key(|y| y.abs_diff(wanted))
}

fn edge(svg: &mut String, nodes: &BTreeMap<&str, Node>, key: &KeyReport) {
    let (Some(child), Some(parent)) = (nodes.get(key.child_table.as_str()), nodes.get(key.parent_table.as_str()))
    else {
        return;
    };
    let (y1, y2) = (child.port(&key.child_columns), parent.port(&key.parent_columns));
    let class = key.status.as_str();
    // Parents lie left; a self-reference or an edge of a cut cycle leaves and enters on the right.
    let leftward = parent.layer < child.layer;
    let x1 = if leftward { child.x } else { child.x + BOX_WIDTH };
    let x2 = parent.x + BOX_WIDTH;
    let bend = if leftward { x1.saturating_sub(LAYER_GAP / 2) } else { x1.max(x2) + 34 };
    let bend2 = if leftward { x2 + LAYER_GAP / 2 } else { bend };
    let path = match leftward.then(|| way_through(nodes, parent.layer, child.layer, (y1 + y2) / 2)).flatten() {
        // Behind the boxes between the two it would seem to end at one of them.
        Some(y) => {
            let (out, into) = (x1.saturating_sub(LAYER_GAP), x2 + LAYER_GAP);
            format!("M{x1} {y1} C{bend} {y1} {bend} {y} {out} {y} L{into} {y} C{bend2} {y} {bend2} {y2} {x2} {y2}")
        }
        None => format!("M{x1} {y1} C{bend} {y1} {bend2} {y2} {x2} {y2}"),
    };
    let label = format!("{} → {} ({})", key.child_columns.join(", "), key.parent_columns.join(", "), class);
    // Writing into a string cannot fail.
    let _ = write!(
        svg,
        "<path class=\"edge {class}\" d=\"{path}\"><title>{}</title></path>\
         <circle class=\"end {class}\" cx=\"{x2}\" cy=\"{y2}\" r=\"3.5\"/>",
        escape(&label)
    );
}

fn table_box(svg: &mut String, node: &Node) {
    let (x, y, h) = (node.x, node.y, node.height());
    let _ = write!(
        svg,
        "<g><rect class=\"box\" x=\"{x}\" y=\"{y}\" width=\"{BOX_WIDTH}\" height=\"{h}\" rx=\"6\"/>\
         <text class=\"name\" x=\"{}\" y=\"{}\">{}</text>",
        x + 10,
        y + 18,
        escape(&shorten(&node.name, 22))
    );
    for (i, column) in node.columns.iter().enumerate() {
        let _ = write!(
            svg,
            "<text class=\"column\" x=\"{}\" y=\"{}\">{}</text>",
            x + 16,
            y + 26 + LINE * i + 13,
            escape(&shorten(column, 22))
        );
    }
    svg.push_str("</g>");
}

fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use catalog_core::model::{KeyEvidence, KeyStatus};

    use super::*;

    fn key(child: &str, parent: &str) -> KeyReport {
        KeyReport {
            child_table: child.to_owned(),
            child_columns: vec!["p_id".to_owned()],
            parent_table: parent.to_owned(),
            parent_columns: vec!["id".to_owned()],
            score: 0.9,
            status: KeyStatus::Confirmed,
            orphans: Some(0),
            vacuous: false,
            sampled: false,
            evidence: KeyEvidence::new(),
        }
    }

    #[test]
    fn tables_without_a_common_key_get_pictures_of_their_own() {
        assert_eq!(diagrams(&[key("s.a", "s.b"), key("s.c", "s.d"), key("s.e", "s.b")]).len(), 2);
    }

    #[test]
    fn a_key_over_a_table_between_passes_beside_its_box() {
        let keys = [key("s.c", "s.b"), key("s.b", "s.a"), key("s.c", "s.a")];
        let svg = diagrams(&keys).concat();
        let long = svg.split("<path").nth(3).unwrap();
        let height: usize = long.split(" L").nth(1).unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let (top, bottom) = (12, 12 + 30 + 2 * LINE);
        assert!(height < top || height > bottom, "{long}");
    }

    #[test]
    fn a_cycle_and_a_self_reference_are_drawn() {
        let svg = diagrams(&[key("s.a", "s.b"), key("s.b", "s.a"), key("s.a", "s.a")]).concat();
        assert_eq!(svg.matches("class=\"edge").count(), 3);
    }

    #[test]
    fn hostile_names_are_text() {
        let svg = diagrams(&[key("s.<img onerror=x>", "s.b")]).concat();
        assert!(!svg.contains("<img") && svg.contains("&lt;img"));
    }
}
