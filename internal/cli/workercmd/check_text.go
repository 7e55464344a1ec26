package workercmd

import (
	"fmt"

	"github.com/rollcallhq/rollcall/internal/cli"
	"github.com/rollcallhq/rollcall/internal/provider"
)

func (c *checkup) print(s *cli.Session) error {
	return cli.Print[checkup](s, c, nil, c.text)
}

func (c *checkup) text(p *cli.Page) {
	rows := [][]string{{"configuration", verdict(c.Config.OK), configText(c.Config)}}
	if c.Redis != nil {
		rows = append(rows, []string{"Redis", verdict(c.Redis.OK), c.Redis.URL + detail(c.Redis.Version)})
	}
	for i := range c.Instances {
		in := &c.Instances[i]
		about := in.Provider + detail(in.Number)
		if in.State != provider.Ready {
			about = in.Provider + detail(string(in.State))
		}
		if in.Server != nil {
			about += ", " + in.Server.Name + " " + in.Server.Version
		}
		rows = append(rows, []string{"instance " + in.Name, verdict(in.OK), about + "; days turn in " + in.Zone + " (" + zoneFrom(in.ZoneFrom) + ")"})
	}
	p.Table([]string{"WHAT", "VERDICT", "DETAIL"}, rows)
	c.troubles(p)
	p.Printf("\n%s\n", c.conclusion())
}

// zoneFrom says why a zone is in force.
func zoneFrom(origin string) string {
	switch origin {
	case "pacing.zone":
		return origin
	case "":
		return "neither $TZ nor /etc/localtime names another"
	}
	return "this machine's, from " + origin
}

func (c *checkup) conclusion() string {
	broken := 0
	for i := range c.Instances {
		if !c.Instances[i].OK {
			broken++
		}
	}
	switch {
	case c.OK:
		return "A run would work."
	case c.Config.OK && c.Redis != nil && c.Redis.held:
		return "A run would create and invite nothing."
	case !c.Config.OK, c.Redis != nil && !c.Redis.OK:
		return "A run would not start."
	case broken == len(c.Instances):
		return "A run would start, and wait for its instances."
	}
	return fmt.Sprintf("A run would do without %d of its %d instances.", broken, len(c.Instances))
}

// troubles writes the faults below the table: they are whole sentences, and the table is cut to the terminal.
func (c *checkup) troubles(p *cli.Page) {
	list := func(title string, lines []string) {
		if len(lines) == 0 {
			return
		}
		p.Printf("\n%s\n", title)
		for _, line := range lines {
			p.Printf("  %s\n", line)
		}
	}
	list("The configuration is faulty:", sentences(c.Config.Faults))
	if c.Redis != nil && !c.Redis.OK {
		list("Redis cannot be used:", sentences(c.Redis.Findings))
	}
	var broken []string
	for i := range c.Instances {
		in := &c.Instances[i]
		if in.OK {
			continue
		}
		line := in.Name + ": " + in.Reason
		if in.Until != nil {
			line += " Until " + p.Time(in.Until) + "."
		}
		broken = append(broken, line)
	}
	list("These instances would not work:", broken)
	var warned []string
	for i := range c.Instances {
		for _, warning := range c.Instances[i].Warnings {
			warned = append(warned, c.Instances[i].Name+": "+warning)
		}
	}
	list("To know about the servers of these instances:", warned)
	if c.Redis != nil && c.Redis.OK {
		list("Redis works, but:", sentences(c.Redis.Findings))
	}
	list("The configuration works, but may not be what is meant:", sentences(c.Config.Warnings))
}

func sentences(all []finding) []string {
	lines := make([]string, len(all))
	for i, f := range all {
		lines[i] = f.What
		if f.Where != "" {
			lines[i] = f.Where + ": " + f.What
		}
		if f.Remedy != "" {
			lines[i] += "; " + f.Remedy
		}
	}
	return lines
}

func verdict(ok bool) string {
	if ok {
		return "ok"
	}
	return "FAULTY"
}

func detail(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf(" (%s)", text)
}

func orText(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func configText(c configCheckup) string {
	if !c.OK { // the faults name it
		return c.Path
	}
	return orText(c.Path, "no file")
}
