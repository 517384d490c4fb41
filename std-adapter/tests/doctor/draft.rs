//! A chain on the drawing board: its certificates as recipes, what is served of them, what is trusted; and the case
//! that it becomes.

use crate::key::{Key, Kind};
use crate::recipe::{Issuer, Recipe};

/// A chain as a consumer meets it.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// DER, the leaf first.
    pub(crate) served: Vec<Vec<u8>>,
    pub(crate) store: Vec<Vec<u8>>,
    /// The name that a client expects; a server expects none of its client.
    pub(crate) host: Option<String>,
    pub(crate) at: i64,
    pub(crate) role: Role,
    pub(crate) leaf_key: Key,
}

/// Whose certificate it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Server,
    Client,
}

#[derive(Debug, Clone)]
pub(crate) enum Piece {
    /// A certificate of the chain, counted from the leaf.
    Link(usize),
    Other(Box<Recipe>, Box<Issuer>),
}

#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) now: i64,
    pub(crate) host: String,
    pub(crate) role: Role,
    /// Leaf first, root last; each is issued by the next, and the root by itself. At least leaf and root.
    pub(crate) links: Vec<Recipe>,
    pub(crate) served: Vec<Piece>,
    pub(crate) store: Vec<Piece>,
}

impl Draft {
    /// A sound chain of these keys, leaf first.
    pub(crate) fn new(host: &str, keys: &[Kind], now: i64) -> Self {
        let key = |position: usize| Key::new(keys[position], &format!("{host} {position} of {}", keys.len()));
        let root = keys.len() - 1;
        let mut links = vec![Recipe::server(host, key(0), now)];
        for position in 1..root {
            links.push(Recipe::authority(&format!("Example CA {position}"), key(position), now));
        }
        links.push(Recipe::root("Example Root", key(root), now));
        Self {
            now,
            host: host.to_owned(),
            role: Role::Server,
            links,
            served: (0..root).map(Piece::Link).collect(),
            store: vec![Piece::Link(root)],
        }
    }

    pub(crate) fn leaf(&mut self) -> &mut Recipe {
        &mut self.links[0]
    }

    /// The leaf's issuer.
    pub(crate) fn authority(&mut self) -> &mut Recipe {
        &mut self.links[1]
    }

    pub(crate) fn root(&mut self) -> &mut Recipe {
        self.links.last_mut().unwrap()
    }

    pub(crate) fn root_position(&self) -> usize {
        self.links.len() - 1
    }

    /// Some intermediate of the chain, or its root when it has none.
    pub(crate) fn any_authority(&mut self, random: &mut fastrand::Rng) -> &mut Recipe {
        let position = random.usize(1..self.links.len().max(3) - 1).min(self.root_position());
        &mut self.links[position]
    }

    /// Another root of the same making, which is in no store yet.
    pub(crate) fn other_root(&self, name: &str) -> Recipe {
        Recipe::root(name, Key::new(Kind::P256, name), self.now)
    }

    pub(crate) fn serve_self_signed(&mut self, recipe: Recipe) {
        let issuer = recipe.as_issuer();
        self.served.push(Piece::Other(Box::new(recipe), Box::new(issuer)));
    }

    pub(crate) fn store_self_signed(&mut self, recipe: Recipe) {
        let issuer = recipe.as_issuer();
        self.store.push(Piece::Other(Box::new(recipe), Box::new(issuer)));
    }

    pub(crate) fn serve(&mut self, recipe: Recipe, issuer: Issuer) {
        self.served.push(Piece::Other(Box::new(recipe), Box::new(issuer)));
    }

    pub(crate) fn unserve(&mut self, position: usize) {
        self.served.retain(|piece| !matches!(piece, Piece::Link(link) if *link == position));
    }

    fn der(&self, piece: &Piece) -> Vec<u8> {
        match piece {
            Piece::Link(position) => {
                let above = |position: usize| (position + 1).min(self.root_position());
                let mut issuer = self.links[above(*position)].as_issuer();
                issuer.issuer = self.links[above(above(*position))].subject.clone();
                self.links[*position].issued_by(&issuer)
            }
            Piece::Other(recipe, issuer) => recipe.issued_by(issuer),
        }
    }

    pub(crate) fn case(&self, name: &str) -> Case {
        let certificates = |pieces: &[Piece]| pieces.iter().map(|piece| self.der(piece)).collect();
        Case {
            name: name.to_owned(),
            served: certificates(&self.served),
            store: certificates(&self.store),
            host: (self.role == Role::Server).then(|| self.host.clone()),
            at: self.now,
            role: self.role,
            leaf_key: match &self.served[0] {
                Piece::Link(position) => self.links[*position].key.clone(),
                Piece::Other(recipe, _) => recipe.key.clone(),
            },
        }
    }
}
