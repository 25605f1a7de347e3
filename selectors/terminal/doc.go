// Package terminal drives a mainframe's screens over TN3270. The protocol is spoken
// by Debian's s3270 (package s3270), a child process that gets its commands over its
// standard input and answers over its standard output; nothing listens anywhere.
//
// What it promises:
//   - Each command has a limit. One that is not answered within it, because the host
//     is silent or has not given the keyboard back, ends the terminal with *Slow.
//   - After the host has hung up, s3270 goes on answering ok with the old screen. So
//     every answer's status line is read, and a lost connection is *Gone.
//   - A screen is read whole, by one command, with its fields. What is typed into a
//     field that does not show is never part of a screen's text.
//   - Text is typed only where a field is that takes it and is long enough, and read
//     back before anything is sent: 3270 fields run on into the next one otherwise.
//   - The child ends with us, whatever ends us: its input closes, the kernel kills it
//     with the thread that started it, and Close kills its process group and waits.
//
// A terminal is one conversation: its methods are called one after the other.
package terminal
