//! The file for those who find a weakness.

use crate::fact;
use crate::site::Site;

async fn seen(https: &str, file: Option<&str>) -> (String, String) {
    let site = Site::start(https, "return 404;");
    if let Some(content) = file {
        site.file(".well-known/security.txt", content);
    }
    let seen = site.look().await;
    (fact(&seen, "security_txt.present"), fact(&seen, "security_txt.problems"))
}

#[tokio::test]
async fn a_good_file_has_no_problem() {
    let file = "Contact: mailto:sicurezza@example.it\nExpires: 2026-12-31T00:00:00Z\n";
    assert_eq!(seen("charset utf-8;", Some(file)).await, ("true".into(), String::new()));
}

#[tokio::test]
async fn a_missing_file_is_missing_even_when_the_site_answers_everything_with_a_page() {
    for https in ["", "location / { return 200 '<!doctype html><p>Pagina non trovata</p>'; }"] {
        assert_eq!(seen(https, None).await, ("false".into(), String::new()), "{https}");
    }
}

#[tokio::test]
async fn an_old_file_behind_a_redirect_is_told_so() {
    let https = "location = /.well-known/security.txt { return 301 /security.txt; }
                 location = /security.txt { return 200 'Contact: tel:+39-075-0000000\nExpires: 2025-01-01T00:00:00Z\n'; }";
    assert_eq!(seen(https, None).await, ("true".into(), "expired redirected".into()));
}

#[tokio::test]
async fn a_file_that_may_not_be_read_is_not_missing() {
    let site = Site::start("location /.well-known { return 403; }", "return 404;");
    assert_eq!(fact(&site.look().await, "security_txt"), "unknown: unreadable");
}
