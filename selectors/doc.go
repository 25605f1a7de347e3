// Package selectors reads where things are on the screens of an existing
// system: one YAML file a system, data and never a language.
//
//	system: opus
//	pages:
//	  coding:
//	    probe: [{text: "Kontering af bilag"}]             # what says "this is the page"
//	    frame: [contentAreaFrame, "title:Bilagsindbakke"] # the way in, by name, title: or url:
//	    elements:
//	      account: [{label: "Artskonto"}, {css: "input[name=artskonto]"}]
//	      amount:  {find: [{label: "Beløb"}], kind: amount}
//	      post:    [{role: button, name: "Bogfør"}, {text: "Bogfør"}]
//	    tables:
//	      inbox: {columns: {voucher: "Bilagsnr.", amount: "Beløb"}}
//	    messages:
//	      ok: ["kontrolleret og OK"]
//	overlays:
//	  cookies: [{role: button, name: "Afvis alle"}]       # pressed when it is in the way
//	dialogs:
//	  - {text: "Vil du bogføre", accept: true}            # every other question is declined
//
// A name may have several ways to be found, tried in order; a way counts only
// when it points at exactly one visible element. That a later way than the first
// had to serve is drift, and reported by selectors/browser, which drives pages by
// these files.
//
// What a text has to match differs by what it is for. An element's label, text
// and name are the whole text (blanks run together, a colon or asterisk at either
// end of a label ignored). In a probe and in messages it is enough that the page
// says the words somewhere, because there they stand inside longer sentences.
package selectors
