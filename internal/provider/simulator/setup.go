package simulator

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
)

// look is what a group shows besides its people, and what it allows.
type look struct {
	description string
	photo       string // SHA-256 in hex of what was set; "" without one
	adminsSend  bool   // only admins send messages
	adminsEdit  bool
	adminsAdd   bool
}

// alter changes what a group shows. Some changes show in readings only after a while.
func (w *world) alter(g *group, change func(*look)) {
	now := w.now()
	if !now.Before(g.showsAt) {
		g.was = g.look
	}
	change(&g.look)
	g.activity = now
	if w.dice.chance(w.quirks.LateChanges, "change", g.core, g.maker.serial("change")) {
		g.showsAt = now.Add(w.scaled(w.quirks.ChangeLag))
	}
}

// looks returns what a reading of a group shows.
func (w *world) looks(g *group) look {
	if w.now().Before(g.showsAt) {
		return g.was
	}
	return g.look
}

// isAdmin reports whether the instance's number is an admin of the group.
func (g *group) isAdmin(i *instance) bool {
	m := g.byKey[i.self.key]
	return m != nil && m.in() && m.admin
}

// mayPost reports whether the instance's number may write to the group.
func (g *group) mayPost(i *instance) bool {
	return g.is(i.self) && (!g.look.adminsSend || g.isAdmin(i))
}

// promote makes a member an admin. It reports whether the person is a member.
func (w *world) promote(g *group, p *person) bool {
	if p == nil || !g.is(p) {
		return false
	}
	g.byKey[p.key].admin = true
	return true
}

// hashed returns a photo's SHA-256 in hex, as the ledger holds it.
func hashed(photo []byte) string {
	sum := sha256.Sum256(photo)
	return hex.EncodeToString(sum[:])
}

// dataOf decodes the base64 of a picture, with or without the data: prefix. It returns false if text is not a picture.
func dataOf(text string) ([]byte, bool) {
	_, after, prefixed := strings.Cut(text, ";base64,")
	if !prefixed {
		after = text
	}
	data, err := base64.StdEncoding.DecodeString(after)
	return data, err == nil && isPicture(data)
}

// isPicture reports whether data is a JPEG, which all providers accept.
func isPicture(data []byte) bool { return http.DetectContentType(data) == "image/jpeg" }

// form returns the fields of a multipart body, and the file of this name.
func (x *exchange) form(file string) (fields map[string]string, data []byte, fine bool) {
	kind, params, err := mime.ParseMediaType(x.req.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, nil, false
	}
	fields = map[string]string{}
	for r := multipart.NewReader(bytes.NewReader(x.body), params["boundary"]); ; {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, data, true
		}
		if err != nil {
			return nil, nil, false
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, nil, false
		}
		switch {
		case part.FileName() == "":
			fields[part.FormName()] = string(text)
		case part.FormName() == file:
			data = text
		}
	}
}

// set changes the group of a call that only admins may make. It reports whether the group was changed.
func (x *exchange) set(g *group, change func(*look)) bool {
	if g == nil || !g.isAdmin(x.inst) {
		return false
	}
	x.w.alter(g, change)
	x.rec.Effect = true
	return true
}
