//! Run-times, servers and applications with their versions and how long their authors mend them.
//!
//! What the distribution packages, the distribution mends, whatever its authors say: such a product never counts as ended
//! here; the end of the distribution itself is told by the probe `packages`.

use vedetta_checks::fact::Fact;
use vedetta_checks::word::Reason;

use super::end_of_life::Ends;
use super::facts::ProductFacts;
use super::installed_files::Found;
use super::inventory::{Inventory, Manager, Package};
use super::pattern::fits;
use super::table;
use crate::persons::Persons;

/// The shipped table; its source stands in its first lines.
const TABLE: &str = include_str!("products.csv");
/// Marks in the versions of packages that makers and third parties build themselves.
const FOREIGN_MARKS: &[&str] =
    &["nodesource", "pgdg", "sury", "+0~20", "mariadb.org", "maria~", "percona", "remi", "~zabbix"];

/// Every product, by name, origin and path; each version of a product once per origin.
pub(super) fn facts(inventory: &Inventory, files: Vec<Found>, persons: &Persons, ends: &Ends<'_>) -> Vec<ProductFacts> {
    let rows: Vec<Vec<&str>> = table::rows(TABLE).collect();
    let mut products: Vec<ProductFacts> = Vec::new();
    for package in inventory.packages() {
        let row = rows.iter().find(|row| match row.as_slice() {
            [_, manager, pattern, _] => *manager == package.manager.word() && fits(pattern, &package.name),
            _ => false,
        });
        let Some([name, _, _, origin]) = row.map(Vec::as_slice) else { continue };
        let product = of_package(name, package, *origin == "maker", ends);
        if !products.iter().any(|known| is_same(known, &product)) {
            products.push(product);
        }
    }
    for found in files {
        let product = of_files(found, persons, ends);
        // A package of the same line has put the files there.
        let is_packaged = products.iter().any(|known| known.name == product.name && known.line == product.line)
            && !product.path.starts_with("/usr/local");
        if !is_packaged && !products.contains(&product) {
            products.push(product);
        }
    }
    products
        .sort_by(|left, right| (&left.name, &left.origin, &left.path).cmp(&(&right.name, &right.origin, &right.path)));
    products
}

fn is_same(left: &ProductFacts, right: &ProductFacts) -> bool {
    left.name == right.name && left.version == right.version && left.origin == right.origin
}

fn of_package(name: &str, package: &Package, only_maker: bool, ends: &Ends<'_>) -> ProductFacts {
    let version = package.version.clone().map(|version| of_authors(&version).to_owned());
    let has_mark =
        package.version.known().is_some_and(|version| FOREIGN_MARKS.iter().any(|mark| version.contains(mark)));
    let is_foreign = if only_maker || has_mark { Fact::Known(true) } else { package.is_foreign.clone() };
    let origin = match (package.manager, &is_foreign) {
        (Manager::Snap, _) => "snap",
        (Manager::Flatpak, _) => "flatpak",
        (Manager::Dpkg | Manager::Rpm | Manager::Other, Fact::Known(true)) => "foreign_package",
        (Manager::Dpkg | Manager::Rpm | Manager::Other, Fact::Known(false)) => "distribution",
        (Manager::Dpkg | Manager::Rpm | Manager::Other, Fact::Unknown(_)) => "package",
    };
    let life = ends.life(name, &version);
    let ended = match (&is_foreign, &life.ended) {
        (Fact::Known(true), ended) => ended.clone(),
        (Fact::Known(false), _) | (Fact::Unknown(_), Fact::Known(false)) => Fact::Known(false),
        (Fact::Unknown(why), Fact::Known(true) | Fact::Unknown(_)) => Fact::Unknown(why.clone()),
    };
    ProductFacts {
        name: name.to_owned(),
        version,
        origin: origin.to_owned(),
        path: String::new(),
        line: life.line,
        end_named: life.end.known().is_some(),
        end: life.end,
        ended,
    }
}

fn of_files(found: Found, persons: &Persons, ends: &Ends<'_>) -> ProductFacts {
    let version = found.version.map_or_else(
        || Fact::unknown(Reason::NOT_FOUND, format!("no file of {} names its version", found.product)),
        Fact::Known,
    );
    let life = ends.life(found.table, &version);
    ProductFacts {
        name: found.product.to_owned(),
        version,
        origin: "files".to_owned(),
        path: persons.without(&found.path),
        line: life.line,
        end_named: life.end.known().is_some(),
        end: life.end,
        ended: life.ended,
    }
}

/// The authors' version within that of a package: `2:8.2.24-1~deb12u1` gives `8.2.24`.
fn of_authors(version: &str) -> &str {
    let version = version
        .split_once(':')
        .map_or(version, |(epoch, rest)| if epoch.bytes().all(|byte| byte.is_ascii_digit()) { rest } else { version });
    let version = version.rsplit_once('-').map_or(version, |(authors, _)| authors);
    version.split(['+', '~', '_']).next().unwrap_or(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, is_foreign: Fact<bool>) -> Package {
        let version = Fact::Known(version.to_owned());
        Package { manager: Manager::Dpkg, name: name.to_owned(), version, is_foreign, is_base: false }
    }

    fn seen(packages: Vec<Package>) -> Vec<String> {
        let now = "2026-11-22T00:00:00Z".parse().expect("a moment");
        let inventory = Inventory::of(Manager::Dpkg, packages);
        let products = facts(&inventory, Vec::new(), &Persons::default(), &Ends::new(now, None));
        let shown = products.iter().map(|product| {
            let ended = product.ended.known().map_or("?", |ended| if *ended { "ended" } else { "mended" });
            format!(
                "{} {} {} {ended}",
                product.name,
                product.version.known().map_or("?", String::as_str),
                product.origin
            )
        });
        shown.collect()
    }

    #[test]
    fn the_distribution_mends_what_it_packages_and_others_only_what_their_authors_mend() {
        let untold = || Fact::unknown(Reason::NO_LISTS, "none");
        let packages = vec![
            package("php8.1-common", "8.1.2-1ubuntu2.14", Fact::Known(false)),
            package("php7.4-common", "1:7.4.33-14+0~20240606.95+debian12~1.gbp1", untold()),
            package("php-common", "2:93", Fact::Known(false)),
            package("nodejs", "16.20.2-1nodesource1", Fact::Known(true)),
            package("postgresql-13", "13.14-0+deb11u1", untold()),
            package("postgresql-17", "17.2-1", untold()),
            package("nginx", "1.22.1-9+deb12u2", Fact::Known(false)),
            package("nginx-common", "1.22.1-9+deb12u2", Fact::Known(false)),
        ];
        let expected = [
            "nginx 1.22.1 distribution mended",
            "nodejs 16.20.2 foreign_package ended",
            "php 8.1.2 distribution mended",
            "php 7.4.33 foreign_package ended",
            "postgresql 13.14 package ?",
            "postgresql 17.2 package mended",
        ];
        assert_eq!(seen(packages), expected);
    }

    #[test]
    fn the_authors_version_is_taken_out_of_that_of_a_package() {
        for (version, expected) in [
            ("2:8.2.24-1~deb12u1", "8.2.24"),
            ("17.0.13+11-2~deb12u1", "17.0.13"),
            ("1.1.1w-0+deb11u1", "1.1.1w"),
            ("5:24.0.7-1~debian.12~bookworm", "24.0.7"),
            ("1:10.11.6-0+deb12u1", "10.11.6"),
            ("7.0.15", "7.0.15"),
        ] {
            assert_eq!(of_authors(version), expected, "{version}");
        }
    }

    #[test]
    fn every_row_of_the_table_can_be_used() {
        for row in table::rows(TABLE) {
            assert_eq!(row.len(), 4, "{row:?}");
            assert!(["dpkg", "rpm", "snap", "flatpak"].contains(&row[1]), "{row:?}");
            assert!(["any", "maker"].contains(&row[3]), "{row:?}");
            assert!(super::super::end_of_life::is_listed(row[0]), "{row:?}");
        }
    }
}
