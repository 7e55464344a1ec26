package workbook

import (
	"encoding/xml"
	"path"
	"strings"
)

// workbookPart returns the path of the workbook's main part.
func (a *parts) workbookPart() string {
	links, err := a.relations("")
	if err == nil {
		for _, link := range links {
			if strings.HasSuffix(link.kind, "/officeDocument") {
				return link.target
			}
		}
	}
	return "xl/workbook.xml"
}

type relation struct{ kind, target string }

// relations returns the parts that a part links to, by id. It leaves out external links.
func (a *parts) relations(part string) (map[string]relation, error) {
	dir, file := path.Split(part)
	links := make(map[string]relation)
	err := a.each(path.Join(dir, "_rels", file+".rels"), maxPart, func(_ *tokens, e xml.StartElement) error {
		if e.Name.Local != "Relationship" || attr(e, "TargetMode") == "External" {
			return nil
		}
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(dir, target)
		}
		links[attr(e, "Id")] = relation{kind: attr(e, "Type"), target: strings.TrimPrefix(target, "/")}
		return nil
	})
	return links, err
}

// dateStyles returns for each cell style whether it shows a date.
func (a *parts) dateStyles(part string) ([]bool, error) {
	codes := make(map[int]string)
	var dates []bool
	inCells := false
	err := a.each(part, maxPart, func(_ *tokens, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			codes[number(e, "numFmtId", 0)] = attr(e, "formatCode")
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs":
			inCells = false
		case "xf":
			if inCells {
				id := number(e, "numFmtId", 0)
				dates = append(dates, isDateFormat(id, codes[id]))
			}
		}
		return nil
	})
	return dates, err
}
