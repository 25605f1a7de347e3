package report

import (
	"bytes"
	_ "embed"
	"html/template"
)

//go:embed report.html
var text string

// Page is the report as a page to print, whole in one file.
func (r Report) Page() ([]byte, error) {
	t, err := template.New("report").Funcs(template.FuncMap{"dato": danish}).Parse(text)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, r)
	return out.Bytes(), err
}
