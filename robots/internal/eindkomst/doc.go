// Package eindkomst asks Skatteforvaltningen's income register what employers have
// reported on a citizen, through its web service IndkomstOplysningPersonHent
// (SOAP 1.1, WS-Security 1.0). Answer and the types below it are the service's own
// structure with its field numbers: what a field means for a benefit is the
// robots' matter. Every look-up is told to a log before it is made.
package eindkomst
