//! The collector's program: it takes in what agents report, keeps it, and shows it to people.
//!
//! Read in this order: [`serve`] (how the parts fit), [`acceptor`] (who reaches which server), [`intake`] (what agents
//! may say), [`authority`] (the certificates), [`admin`] (how the command line speaks to the running collector).
//!
//! ```text
//! agents -> acceptor -> intake  -> core decides -> store commits -> Ack
//! people -> acceptor -> web     -> core decides -> store commits -> page
//! console -> admin socket       -> core decides -> store commits -> answer
//! ```

pub mod acceptor;
pub mod admin;
pub mod authority;
pub mod chance;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
pub mod feed;
pub mod intake;
pub mod jobs;
pub mod material;
pub mod people;
pub mod serve;
pub mod state_format;
pub mod stop;

#[cfg(test)]
mod testing;
