// Package kspcics works in KSP/CICS, the mainframe's register of who may do what in
// KMD's systems, as an employee of the security office would: on its screens, over
// TN3270. Where things are on those stands in selectors/kspcics.yaml; how to get from
// one to the next stands here. It reads users, one user's data and authorisations,
// what an authorisation holds and when who last signed in; and it removes one
// authorisation.
//
// What it promises:
//   - Each screen is read whole and has to be one that the file names, of the user
//     that was asked for. Any other one stops the work (*runner.Trouble,
//     ScreenChanged) with the screen's text, CPR numbers masked, as evidence; see Keep.
//   - A list is read over all its pages: »Side n af m« has to count up, every page but
//     the last to be full, no row to come twice. A list that changes meanwhile is read
//     again from the start, and not for ever; one over several pages counts when two
//     readings in a row are the same, since a row that somebody else removes from an
//     earlier page at that moment lets one slip by unread.
//   - Remove marks one row, looks that it is the one and that nothing else is typed,
//     and presses ENTER once: S asks no confirmation, and each marked row runs on an
//     ENTER of its own. An error before that ENTER is marked with runner.NotDone. After
//     it the whole list is read again and compared with the one before, right by right.
//   - A refused user or password, and one that must be changed, is tried once and never
//     again by this System: three bad sign-ins lock the user.
//   - No error holds a name, a CPR number, a user or a password.
//
// Look-ups of persons are logged by the robot (runner.Case's LookUp), which knows the
// purpose, and its pace is the engine's to keep.
package kspcics
