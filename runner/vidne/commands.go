package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

type initCmd struct {
	Dir  string `arg:"" help:"The witness's folder."`
	Log  string `help:"The log's public key, which byskriver init writes beside the signing key." required:"" type:"existingfile" placeholder:"FILE.pub"`
	Name string `help:"What the witness is called in its signatures, such as revision/lilleby." required:""`
}

// Run makes the folder with the witness's key.
func (c *initCmd) Run(out io.Writer) error {
	key, err := os.ReadFile(c.Log)
	if err != nil {
		return err
	}
	if err := found(c.Dir, c.Name, string(key)); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Vidnet er lavet i %s. Giv %s/%s til dem, der skal kende dets underskrift.\n", c.Dir, c.Dir, filePublic)
	return err
}

type signCmd struct {
	Dir   string `arg:"" help:"The witness's folder." type:"existingdir"`
	Proof string `arg:"" help:"What byskriver log prove --since gave." type:"existingfile"`
}

// Run prints the checkpoint with both signatures, and keeps it.
func (c *signCmd) Run(out io.Writer) error {
	w, err := open(c.Dir)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(c.Proof)
	if err != nil {
		return err
	}
	g, err := readGrowth(data)
	if err != nil {
		return err
	}
	newest, err := openCheckpoint(g.signed, w.log, w.public)
	if err != nil {
		return err
	}
	if err := g.leads(w.last, newest); err != nil {
		if errors.Is(err, errForked) {
			return errors.Join(err, w.keep("bevis-på-omskrivning", g.signed))
		}
		return err
	}
	signed, err := w.sign(newest)
	if err != nil {
		return err
	}
	_, err = out.Write(signed)
	return err
}

type verifyCmd struct {
	Dir   string `arg:"" help:"The witness's folder." type:"existingdir"`
	Proof string `arg:"" help:"What byskriver log prove gave." type:"existingfile"`
}

// Run checks that an entry stands in the log, and prints it.
func (c *verifyCmd) Run(out io.Writer) error {
	w, err := open(c.Dir)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(c.Proof)
	if err != nil {
		return err
	}
	e, err := readEntry(data)
	if err != nil {
		return err
	}
	at, err := openCheckpoint(e.signed, w.log, w.public)
	if err != nil {
		return err
	}
	if err := e.holds(at); err != nil {
		return err
	}
	if at.size == w.last.size && at.root != w.last.root {
		return fmt.Errorf("%w: to forskellige logge på %d poster", errForked, at.size)
	}
	fmt.Fprintf(out, "Post %d står i loggen, som den så ud %s med %d poster:\n\n%s\n", e.number, at.at, at.size, strings.TrimSuffix(string(e.leaf), "\n"))
	_, err = fmt.Fprintln(out, w.standing(at))
	return err
}

// standing says how a checkpoint stands to what this witness has signed itself.
func (w *witness) standing(at checkpoint) string {
	switch {
	case at.size == w.last.size:
		return "\nVidnet har selv skrevet under på dette kontrolpunkt."
	case w.last.size == 0:
		return "\nVidnet har endnu ikke skrevet under på noget kontrolpunkt; kør byskriver-vidne sign."
	}
	return fmt.Sprintf("\nVidnet har senest skrevet under på %d poster. Kør byskriver-vidne sign for at se, at de to hører til samme log.", w.last.size)
}

type compareCmd struct {
	Dir   string `arg:"" help:"The witness's folder." type:"existingdir"`
	Other string `arg:"" help:"A checkpoint that another witness has signed, or that was kept elsewhere." type:"existingfile"`
	Proof string `arg:"" optional:"" help:"Where the sizes differ: what byskriver log prove --since OTHER gave." type:"existingfile"`
}

// Run says whether both checkpoints are of one log.
func (c *compareCmd) Run(out io.Writer) error {
	w, err := open(c.Dir)
	if err != nil {
		return err
	}
	signed, err := os.ReadFile(c.Other)
	if err != nil {
		return err
	}
	other, err := openCheckpoint(signed, w.log)
	if err != nil {
		return err
	}
	if err := w.compare(other, c.Proof); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "De to kontrolpunkter er af samme log: %d og %d poster.\n", other.size, w.last.size)
	return err
}

func (w *witness) compare(other checkpoint, proofFile string) error {
	older, newer := other, w.last
	if older.size > newer.size {
		older, newer = newer, older
	}
	g := growth{from: -1}
	if proofFile != "" {
		data, err := os.ReadFile(proofFile)
		if err != nil {
			return err
		}
		if g, err = readGrowth(data); err != nil {
			return err
		}
		if newer, err = w.reaches(g, newer); err != nil {
			return err
		}
	}
	return g.leads(older, newer)
}

// reaches makes sure that a proof ends at the newer of two checkpoints: that one
// and no other is to be shown to go on from the older.
func (w *witness) reaches(g growth, newer checkpoint) (checkpoint, error) {
	end, err := openCheckpoint(g.signed, w.log, w.public)
	if err != nil {
		return end, err
	}
	if end.size == newer.size && end.root == newer.root {
		return end, nil
	}
	if end.size == newer.size {
		return end, fmt.Errorf("%w: to forskellige logge på %d poster", errForked, end.size)
	}
	return end, fmt.Errorf("beviset fører til %d poster, og det skal føre til %d: lad begge vidner skrive under på det nyeste først", end.size, newer.size)
}
