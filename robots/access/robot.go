// Package access is the robot of authorisations (adgange): it reads who may do what in
// the municipality's systems, lays it before the nearest leader at the pace that its
// criticality asks, gives IT what is not a leader's to judge, takes away what a leader
// wants gone and IT has approved, and reads it back. README.md has the steps and the
// exceptions in the words of those who work with them.
package access

// Name is the robot's name.
const Name = "access"
