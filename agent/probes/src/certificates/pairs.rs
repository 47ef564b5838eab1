//! Certificates with their keys, as configurations name them: in two directives of one block, in either order.

/// One certificate as a configuration names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// File of the certificate, possibly with its issuers.
    pub(super) certificate: String,
    /// File of its private key, when it is told.
    pub(super) key: Option<String>,
    /// File of the issuers, where they stand apart.
    pub(super) chain: Option<String>,
}

/// The certificates of one configuration.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    done: Vec<Named>,
    /// The block that is being read.
    block: Block,
    /// The blocks around it, the outermost first.
    around: Vec<Block>,
}

/// What stands in one block.
#[derive(Debug, Default)]
struct Block {
    certificates: Vec<String>,
    keys: Vec<String>,
    chain: Option<String>,
}

impl Pairs {
    pub(super) fn certificate(&mut self, path: Option<String>) {
        self.block.certificates.extend(path);
    }

    pub(super) fn key(&mut self, path: Option<String>) {
        self.block.keys.extend(path);
    }

    pub(super) fn chain(&mut self, path: Option<String>) {
        self.block.chain = path.or(self.block.chain.take());
    }

    /// A certificate whose file is told together with its key's.
    pub(super) fn both(&mut self, certificate: String, key: Option<String>) {
        self.done.push(Named { certificate, key, chain: None });
    }

    pub(super) fn begin_block(&mut self) {
        self.around.push(std::mem::take(&mut self.block));
    }

    /// Ends a block: the first key belongs to the first certificate, and so on.
    pub(super) fn end_block(&mut self) {
        let block = std::mem::replace(&mut self.block, self.around.pop().unwrap_or_default());
        let mut keys = block.keys.into_iter();
        for certificate in block.certificates {
            self.done.push(Named { certificate, key: keys.next(), chain: block.chain.clone() });
        }
    }

    /// The certificates of all blocks, those that were never ended too.
    pub(super) fn finish(mut self) -> Vec<Named> {
        while !self.around.is_empty() {
            self.end_block();
        }
        self.end_block();
        self.done
    }
}
