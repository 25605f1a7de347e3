// Package runlog keeps what happened, provably.
//
// # The life of an entry
//
// Append (or Seal, outside the transaction, and Write, inside) writes an entry
// unnumbered, in the transaction of that which it tells of. Sequence numbers what
// is pending, from 1 without gaps, and adds it to a Merkle tree. Checkpoint signs
// how far the tree has come. Publish takes the newest checkpoint into folders and
// the numbered entries, as JSON lines, to a writer. Flush is all of these in
// transactions of its own.
//
// Entries and BySubject read, Remove deletes by policy what may be deleted, Verify
// checks all of it, and Inclusion and Consistency prove things about it to
// somebody who has only checkpoints.
//
// # What is written, and can never change
//
// A leaf is what the tree hashes: seven lines, see Leaf.Bytes. It holds time, code,
// run and item, none of which may be personal, and salted commitments to the rest.
// The columns of a row from at to subject_commitment are the leaf; it is not stored
// a second time.
//
// The rest, the text and fields (as JSON) and the CPR number of a person who was
// looked up, stands beside the leaf: each after its salt of 32 bytes, sealed with
// the item's log key, or with the house's for an entry without an item, and bound
// to the leaf's hash. It can be removed, or its key destroyed, and the leaf still
// proves that the entry was there, when, and what it was about.
//
// A commitment is HMAC-SHA256(key: the salt, message: the text). The tree is that of
// RFC 6962, section 2.1, as golang.org/x/mod/sumdb/tlog has it: entry number n is
// leaf n-1; its hashes are stored in tiles of height 8. A checkpoint is a signed
// note as golang.org/x/mod/sumdb/note has it, see Checkpoint.Text.
//
// A pending row carries a MAC under the key ring, a numbered one a MAC of its
// number and leaf, and so do the rows that say where the log ends and how far lines
// were written. testdata/v1 has a log as version 1 wrote it.
//
// # Who is found out
//
// Somebody with the database alone cannot write an entry, nor move, change, copy or
// drop one that has a number: the MACs need the ring, the checkpoints the signing
// key. What they do to pending rows other than deleting or exchanging them is found
// too; those two are not, in the second before a row gets its number.
//
// Somebody who also has the signing key can write checkpoints, but no MACs.
//
// Somebody who has the ring as well can write another past, whole in itself. It is
// found by any checkpoint of the true one that was kept elsewhere. So keep them
// elsewhere: name a folder outside the machine in Options.Folders.
//
// An older copy of the whole database is a past that was true once. A running
// process remembers what it signed, and a new one looks into the folders: neither
// signs on after a later checkpoint than the database has.
package runlog
